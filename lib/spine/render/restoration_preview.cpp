#include "spine/render/restoration_preview.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {
namespace {

cv::Mat bytes_of(const cv::Mat& unit, double gain) {
  cv::Mat bytes;
  unit.convertTo(bytes, CV_8U, 255 * gain);
  return bytes;
}

constexpr int kRows = 512, kTitle = 20;            // of an image and of its title line, pixels
constexpr int kFewestCols = 64, kMostCols = 2048;  // limits of an image's width, pixels

/// Grey values displayed as black and white: excludes a few of the darkest and brightest pixels.
struct Window {
  double low, high;
};
Window window_of(const cv::Mat& pixels) {
  std::vector<float> ordered(pixels.begin<float>(), pixels.end<float>());
  const double low = quantile(ordered, 0.005);
  return {low, std::max<double>(quantile(ordered, 0.995), low + 1)};
}

cv::Mat shrunk(const Image& film, int cols) {
  cv::Mat small;
  cv::Mat grey;
  cv::resize(film.pixels(), small, {cols, kRows}, 0, 0, cv::INTER_AREA);
  small.convertTo(grey, CV_32F);
  return grey;
}

}  // namespace

cv::Mat draw_restoration_preview(const Image& film, const cv::Mat& reconstruction,
                                 const cv::Mat& difference, const cv::Mat& mask,
                                 const Image& restored) {
  const int cols =
      std::clamp(cvRound(static_cast<double>(kRows) * reconstruction.cols / reconstruction.rows),
                 kFewestCols, kMostCols);
  const cv::Mat before = shrunk(film, cols);
  const Window window = window_of(before);
  const auto shown = [&](const cv::Mat& grey) {
    const double gain = 1 / (window.high - window.low);
    return bytes_of((grey - window.low) * gain, 1);
  };
  const std::array<std::pair<const char*, cv::Mat>, 5> pictures{
      {{"film", shown(before)},
       {"reconstruction", bytes_of(reconstruction, 1)},
       {"difference", bytes_of(difference, 3)},
       {"mask", mask},
       {"restored", shown(shrunk(restored, cols))}}};
  cv::Mat sheet = cv::Mat::zeros(kRows + kTitle, cols * static_cast<int>(pictures.size()), CV_8UC1);
  int x = 0;
  for (const auto& [title, picture] : pictures) {
    cv::resize(picture, sheet(cv::Rect(x, kTitle, cols, kRows)), {cols, kRows}, 0, 0,
               picture.rows > kRows ? cv::INTER_AREA : cv::INTER_LINEAR);
    cv::putText(sheet, title, {x + 4, kTitle - 6}, cv::FONT_HERSHEY_SIMPLEX, 0.45, cv::Scalar(255),
                1, cv::LINE_AA);
    x += cols;
  }
  return sheet;
}

}  // namespace spine
