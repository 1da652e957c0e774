#include "spine/stages/segment/head_circles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/stages/segment/anterior.h"

namespace spine {
namespace {

constexpr std::size_t kHead1 = index(Structure::F1), kHead2 = index(Structure::F2);
constexpr double kReach = 0.25;  // of a circle beyond its mask, radii

/// Whether a point lies on a region.
bool contains(const Region& region, cv::Point2d point_px) {
  const cv::Point at(cvRound(point_px.x) - region.box.x, cvRound(point_px.y) - region.box.y);
  return cv::Rect({}, region.box.size()).contains(at) && region.mask.at<uchar>(at) != 0;
}

/// The pixels of a head's circle on the film, at most kReach beyond its mask.
MaskCrop disc(const FemoralHead& head, const cv::Mat& mask, const AnatomicalFrame& frame) {
  const cv::Size2d half(head.radius, head.radius * frame.rows_per_column());
  const cv::Rect film({}, mask.size());
  const cv::Rect box =
      film & cv::Rect(cvFloor(head.center.x - half.width), cvFloor(head.center.y - half.height),
                      cvCeil(2 * half.width) + 2, cvCeil(2 * half.height) + 2);
  MaskCrop result{box, cv::Mat::zeros(box.size(), CV_8UC1)};
  for (int y = box.y; y < box.br().y; ++y) {
    for (int x = box.x; x < box.br().x; ++x) {
      const cv::Point2d from((x - head.center.x) / half.width, (y - head.center.y) / half.height);
      if (from.dot(from) <= 1) result.pixels.at<uchar>(y - box.y, x - box.x) = 255;
    }
  }
  cv::Mat away;
  cv::distanceTransform(~mask(box), away, cv::DIST_L2, cv::DIST_MASK_5);
  result.pixels &= away <= kReach * half.width;
  return result;
}

}  // namespace

std::optional<FemoralHead> fit_head(const Region& region, cv::Size film,
                                    const AnatomicalFrame& frame) {
  const std::vector<cv::Point2d> points = anatomical_outline(region, film, frame);
  const double radius_px = std::sqrt(region.area_px / std::numbers::pi);
  // A full circle of this area has at least 2 pi r outline points.
  if (static_cast<double>(points.size()) < std::max(12.0, 0.3 * 2 * std::numbers::pi * radius_px)) {
    return std::nullopt;
  }
  const double radius = frame.length(radius_px);
  const auto circle = fit_circle_robust(points, 0.02 * radius);
  if (!circle || circle->radius > 2.5 * radius || circle->radius < 0.5 * radius) {
    return std::nullopt;
  }
  const cv::Point2d center_px = frame.to_film(circle->center);
  if (!contains(region, center_px)) return std::nullopt;
  return FemoralHead{center_px, circle->radius / frame.length(1)};
}

void draw_head_circles(const Spacing& spacing, Segmentation& segmentation) {
  const auto anterior = find_anterior(segmentation.masks);
  const AnatomicalFrame frame(anterior.value_or(Side::right), spacing);
  std::array<std::optional<FemoralHead>, 2> heads;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const Structure structure = kStructures[kHead1 + i];
    const cv::Mat mask = segmentation.masks[structure];
    const auto region = largest_region(segmentation.masks.crop(structure));
    if (!region) continue;
    heads[i] = fit_head(*region, mask.size(), frame);
    if (heads[i]) segmentation.masks.set(structure, disc(*heads[i], mask, frame));
  }
  if (!anterior || !heads[0] || !heads[1]) return;
  if (is_more_anterior(heads[1]->center.x, heads[0]->center.x, *anterior)) {
    swap_heads(segmentation);
  }
}

}  // namespace spine
