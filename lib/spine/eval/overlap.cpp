#include "spine/eval/overlap.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

namespace spine {

namespace {

void check_sizes(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() == b.size()) return;
  throw Error(ErrorKind::internal, "compare masks: expected equal sizes, got " +
                                       std::to_string(a.cols) + "x" + std::to_string(a.rows) +
                                       " and " + std::to_string(b.cols) + "x" +
                                       std::to_string(b.rows));
}

/// Pixels of a mask that have a 4-neighbour outside.
cv::Mat outline(const cv::Mat& mask) {
  cv::Mat inner;
  cv::erode(mask, inner, cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}), {-1, -1}, 1,
            cv::BORDER_CONSTANT, cv::Scalar(0));
  return mask & ~inner;
}

/// Adds the distance of each pixel of `from` to the nearest one of `to`.
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

std::optional<double> dice(const cv::Mat& predicted, const cv::Mat& truth) {
  check_sizes(predicted, truth);
  const int sum = cv::countNonZero(predicted) + cv::countNonZero(truth);
  if (sum == 0) return std::nullopt;
  const cv::Rect box = cv::boundingRect(predicted) & cv::boundingRect(truth);
  if (box.empty()) return 0;
  return 2.0 * cv::countNonZero(predicted(box) & truth(box)) / sum;
}

std::optional<double> hausdorff95_px(const cv::Mat& predicted, const cv::Mat& truth) {
  check_sizes(predicted, truth);
  const cv::Rect a = cv::boundingRect(predicted), b = cv::boundingRect(truth);
  if (a.empty() || b.empty()) return std::nullopt;
  const cv::Mat predicted_part = predicted(a | b) != 0, truth_part = truth(a | b) != 0;
  const cv::Mat predicted_line = outline(predicted_part), truth_line = outline(truth_part);
  std::vector<float> distances;
  add_distances(predicted_line, truth_line, distances);
  add_distances(truth_line, predicted_line, distances);
  const auto nth = distances.begin() +
                   static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(distances.size() - 1));
  std::nth_element(distances.begin(), nth, distances.end());
  return *nth;
}

}  // namespace spine
