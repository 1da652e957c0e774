#pragma once
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/mask_stack.h"

namespace spine::test {

inline constexpr int kMaskWidth = 500;
inline constexpr int kMaskHeight = 800;

/// A straight lumbar spine over a sacrum whose endplate falls 35 px over 85 px to the front
/// (left), with two heads in front of it.
inline MaskStack synthetic_masks() {
  MaskStack masks({kMaskWidth, kMaskHeight});
  const auto blank = [] { return cv::Mat(kMaskHeight, kMaskWidth, CV_8UC1, cv::Scalar(0)); };
  for (int level = 0; level < 5; ++level) {
    cv::Mat body = blank();
    cv::rectangle(body, cv::Rect(220, 60 + 80 * level, 90, 60), cv::Scalar(255), cv::FILLED);
    masks.set(kStructures[static_cast<std::size_t>(level)], body);
  }
  cv::Mat sacrum = blank();
  const std::vector<cv::Point> outline{{215, 500}, {300, 465}, {370, 560}, {390, 640}, {350, 640}};
  cv::fillConvexPoly(sacrum, outline, cv::Scalar(255));
  masks.set(Structure::S, sacrum);
  for (const auto& [structure, x] :
       {std::pair(Structure::F1, 200), std::pair(Structure::F2, 225)}) {
    cv::Mat head = blank();
    cv::circle(head, {x, 680}, 50, cv::Scalar(255), cv::FILLED);
    masks.set(structure, head);
  }
  return masks;
}

}  // namespace spine::test
