#include "spine/review/pictures.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <libdeflate.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

namespace spine::review {

std::string gzip_pixels(const Image& film) {
  constexpr int kFast = 1;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(kFast), libdeflate_free_compressor);
  if (!compressor) throw Error(ErrorKind::out_of_memory, "film: no memory to compress it");
  const cv::Mat pixels =
      film.pixels().isContinuous() ? film.pixels() : cv::Mat(film.pixels().clone());
  const std::size_t bytes = pixels.total() * pixels.elemSize();
  std::string result(libdeflate_gzip_compress_bound(compressor.get(), bytes), '\0');
  result.resize(
      libdeflate_gzip_compress(compressor.get(), pixels.data, bytes, result.data(), result.size()));
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
