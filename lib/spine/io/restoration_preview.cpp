#include "spine/io/restoration_preview.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

cv::Mat bytes_of(const cv::Mat& unit, double gain) {
  cv::Mat bytes;
  unit.convertTo(bytes, CV_8U, 255 * gain);
  return bytes;
}

/// The restored film in the greys in which the network saw the film.
cv::Mat restored_bytes(const Image& restored, const cv::Mat& film) {
  cv::Mat small;
  cv::Mat grey;
  cv::resize(restored.pixels(), small, film.size(), 0, 0, cv::INTER_AREA);
  small.convertTo(grey, CV_32F);
  // The stretch from film to square is linear but for clipping; most pixels are not clipped.
  std::vector<float> ordered(grey.begin<float>(), grey.end<float>());
  const auto at = [&](double share) {
    const auto nth = ordered.begin() +
                     static_cast<std::ptrdiff_t>(share * static_cast<double>(ordered.size() - 1));
    std::nth_element(ordered.begin(), nth, ordered.end());
    return static_cast<double>(*nth);
  };
  const double low = at(0.005);
  const double high = std::max(at(0.995), low + 1);
  cv::Mat bytes;
  grey.convertTo(bytes, CV_8U, 255 / (high - low), -255 * low / (high - low));
  return bytes;
}

}  // namespace

cv::Mat draw_restoration_preview(const cv::Mat& film, const cv::Mat& drawn,
                                 const cv::Mat& difference, const cv::Mat& mask,
                                 const Image& restored) {
  constexpr int kRows = 512, kTitle = 20;
  const int cols = std::max(64, cvRound(static_cast<double>(kRows) * film.cols / film.rows));
  const std::array<std::pair<const char*, cv::Mat>, 5> pictures{
      {{"film", bytes_of(film, 1)},
       {"reconstruction", bytes_of(drawn, 1)},
       {"difference", bytes_of(difference, 3)},
       {"mask", mask},
       {"restored", restored_bytes(restored, film)}}};
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
