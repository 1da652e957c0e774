#include "spine/review/pictures.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <libdeflate.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

namespace spine::review {
namespace {

/// How many pixels have each grey value of the film's type.
std::vector<std::size_t> grey_counts(const cv::Mat& film) {
  const bool is_8 = film.depth() == CV_8U;
  std::vector<std::size_t> counts(is_8 ? 256 : 65536, 0);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x) {
      ++counts[is_8 ? film.at<std::uint8_t>(y, x) : film.at<std::uint16_t>(y, x)];
    }
  }
  return counts;
}

/// The lowest and highest grey value after `tail` pixels are left out at either end.
std::pair<std::size_t, std::size_t> range_without(const std::vector<std::size_t>& counts,
                                                  std::size_t tail) {
  std::size_t low = 0, high = counts.size() - 1;
  for (std::size_t sum = counts[low]; low < high && sum <= tail; sum += counts[++low]) {
  }
  for (std::size_t sum = counts[high]; high > low && sum <= tail; sum += counts[--high]) {
  }
  return {low, high};
}

}  // namespace

std::string gzip_pixels(const cv::Mat& film) {
  constexpr int kFast = 1;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kFast), libdeflate_free_compressor);
  if (!compressor) throw Error(ErrorKind::out_of_memory, "film: no memory to compress it");
  const cv::Mat pixels = film.isContinuous() ? film : cv::Mat(film.clone());
  const std::size_t bytes = pixels.total() * pixels.elemSize();
  std::string result(libdeflate_gzip_compress_bound(compressor.get(), bytes), '\0');
  result.resize(
      libdeflate_gzip_compress(compressor.get(), pixels.data, bytes, result.data(), result.size()));
  return result;
}

cv::Mat local_contrast(const cv::Mat& film) {
  constexpr int kTiles = 8;            // along each side
  constexpr double kClipLimit = 2;     // times the mean count of the grey values that occur
  constexpr double kOutliers = 0.001;  // share of the pixels at either end, such as burned-in text
  const auto counts = grey_counts(film);
  const double most = static_cast<double>(counts.size() - 1);
  const auto tail = static_cast<std::size_t>(kOutliers * static_cast<double>(film.total()));
  const auto [low, high] = range_without(counts, tail);
  // The film is stretched to the range of its type, over which OpenCV spreads what it clips. Its
  // limit relates to all values of the type, of which a film of 12 bits has few.
  cv::Mat stretched, result;
  const double scale = most / std::max(1.0, static_cast<double>(high - low));
  film.convertTo(stretched, film.type(), scale, -scale * static_cast<double>(low));
  const auto occurring = std::count_if(counts.begin() + static_cast<std::ptrdiff_t>(low),
                                       counts.begin() + static_cast<std::ptrdiff_t>(high) + 1,
                                       [](std::size_t count) { return count > 0; });
  const double limit =
      kClipLimit * (most + 1) / static_cast<double>(std::max<std::ptrdiff_t>(1, occurring));
  cv::createCLAHE(limit, {kTiles, kTiles})->apply(stretched, result);
  return result;
}

std::string preview_jpeg(const cv::Mat& pixels, int side) {
  cv::Mat small;
  const double scale =
      std::min(1.0, side / static_cast<double>(std::max(pixels.cols, pixels.rows)));
  cv::resize(pixels, small, {}, scale, scale, cv::INTER_AREA);
  if (small.depth() == CV_16U) small.convertTo(small, CV_8U, 255.0 / 65535.0);
  std::vector<unsigned char> bytes;
  cv::imencode(".jpg", small, bytes, {cv::IMWRITE_JPEG_QUALITY, 80});
  return {bytes.begin(), bytes.end()};
}

nlohmann::json outlines(const MaskCrops& masks) {
  constexpr double kTolerance = 0.5;  // pixels
  nlohmann::json result = nlohmann::json::object();
  for (const Structure structure : kStructures) {
    const MaskCrop& mask = masks[structure];
    nlohmann::json polygons = nlohmann::json::array();
    std::vector<std::vector<cv::Point>> contours;
    if (!mask.pixels.empty()) {
      cv::findContours(mask.pixels.clone(), contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE,
                       mask.box.tl());
    }
    for (const auto& contour : contours) {
      std::vector<cv::Point> simple;
      cv::approxPolyDP(contour, simple, kTolerance, true);
      nlohmann::json points = nlohmann::json::array();
      for (const cv::Point& p : simple) {
        points.push_back(p.x);
        points.push_back(p.y);
      }
      polygons.push_back(std::move(points));
    }
    result[std::string(to_string(structure))] = std::move(polygons);
  }
  return result;
}

}  // namespace spine::review
