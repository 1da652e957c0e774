#include "spine/eval/overlap.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {

namespace {

/// 0 or 255; 0 outside the crop.
cv::Mat padded(const MaskCrop& crop, cv::Rect box) {
  cv::Mat mask = cv::Mat::zeros(box.size(), CV_8UC1);
  mask(crop.box - box.tl()).setTo(255, crop.pixels);
  return mask;
}

/// Pixels of a mask with a 4-neighbour outside.
cv::Mat outline(const cv::Mat& mask) {
  cv::Mat inner;
  cv::erode(mask, inner, cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}), {-1, -1}, 1,
            cv::BORDER_CONSTANT, cv::Scalar(0));
  return mask & ~inner;
}

/// Appends the distance of each pixel of `from` to the nearest one of `to`.
void add_distances(const cv::Mat& from, const cv::Mat& to, std::vector<float>& distances) {
  cv::Mat distance;
  cv::distanceTransform(~to, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  for (int y = 0; y < from.rows; ++y) {
    for (int x = 0; x < from.cols; ++x) {
      if (from.at<uchar>(y, x) != 0) distances.push_back(distance.at<float>(y, x));
    }
  }
}

}  // namespace

std::optional<double> hausdorff95_px(const MaskCrop& predicted, const MaskCrop& truth) {
  if (predicted.box.empty() || truth.box.empty()) return std::nullopt;
  const cv::Rect either = predicted.box | truth.box;
  const cv::Mat predicted_line = outline(padded(predicted, either));
  const cv::Mat truth_line = outline(padded(truth, either));
  std::vector<float> distances;
  add_distances(predicted_line, truth_line, distances);
  add_distances(truth_line, predicted_line, distances);
  return quantile(distances, 0.95);
}

}  // namespace spine
