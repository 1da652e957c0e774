#include "spine/render/mask_contours.h"

#include <algorithm>
#include <array>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

/// Smooths the pixel steps of a contour and simplifies it within `tolerance` pixels.
std::vector<cv::Point2d> smooth_outline(const std::vector<cv::Point>& contour, int reach,
                                        double tolerance) {
  const auto n = static_cast<int>(contour.size());
  if (n < 8 * reach) return {contour.begin(), contour.end()};
  std::vector<cv::Point2f> smooth(contour.size());
  for (int i = 0; i < n; ++i) {
    cv::Point2d sum(0, 0);
    for (int k = -reach; k <= reach; ++k) {
      sum += cv::Point2d(contour[static_cast<std::size_t>((i + k + n) % n)]);
    }
    smooth[static_cast<std::size_t>(i)] = sum * (1.0 / (2 * reach + 1));
  }
  std::vector<cv::Point2f> few;
  cv::approxPolyDP(smooth, few, tolerance, true);
  return {few.begin(), few.end()};
}

void tint(cv::Mat image, const cv::Mat& mask, const cv::Scalar& color) {
  constexpr int kShare = 26;  // of 256
  const std::array<int, 3> ink{cvRound(color[0]), cvRound(color[1]), cvRound(color[2])};
  for (int y = 0; y < image.rows; ++y) {
    auto* pixel = image.ptr<cv::Vec3b>(y);
    const auto* inside = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x) {
      if (inside[x] == 0) continue;
      for (int c = 0; c < 3; ++c) {
        const int value = pixel[x][c] * (256 - kShare) + ink[static_cast<std::size_t>(c)] * kShare;
        pixel[x][c] = static_cast<std::uint8_t>(value >> 8);
      }
    }
  }
}

}  // namespace

void draw_masks(Canvas& canvas, const MaskStack& masks) {
  for (const Structure s : kStructures) {
    const auto [box, mask] = masks.crop(s);
    if (box.empty()) continue;
    tint(canvas.image()(box), mask, bgr(s));
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(mask, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE, box.tl());
    for (const auto& contour : contours) {
      canvas.polyline(smooth_outline(contour, canvas.width(1.0), std::max(0.3, canvas.px(0.3))),
                      true, bgr(s), 1.3);
    }
  }
}

}  // namespace spine
