#include "spine/stages/segment/contour.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {

namespace {

constexpr double kHalf = 127.5;
// Smallest area of a region.
constexpr double kMinAreaPx = 30;

/// Position of the half-height crossing between two neighbouring values, 0..1; nullopt without one.
std::optional<double> crossing(double a, double b) {
  if ((a >= kHalf) == (b >= kHalf)) return std::nullopt;
  return (kHalf - a) / (b - a);
}

}  // namespace

std::optional<Region> largest_region(const cv::Mat& mask) {
  const cv::Rect box = cv::boundingRect(mask);
  return largest_region(MaskCrop{box, mask(box)});
}

std::optional<Region> largest_region(const MaskCrop& crop) {
  const cv::Rect& box = crop.box;
  if (box.empty()) return std::nullopt;
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(crop.pixels, labels, stats, centroids);
  int best = 1;
  for (int i = 2; i < count; ++i) {
    if (stats.at<int>(i, cv::CC_STAT_AREA) > stats.at<int>(best, cv::CC_STAT_AREA)) best = i;
  }
  const cv::Rect part(stats.at<int>(best, cv::CC_STAT_LEFT), stats.at<int>(best, cv::CC_STAT_TOP),
                      stats.at<int>(best, cv::CC_STAT_WIDTH),
                      stats.at<int>(best, cv::CC_STAT_HEIGHT));
  Region region;
  region.box = part + box.tl();
  region.mask = labels(part) == best;
  region.area_px = stats.at<int>(best, cv::CC_STAT_AREA);
  region.centroid_px = {centroids.at<double>(best, 0) + box.x,
                        centroids.at<double>(best, 1) + box.y};
  return region;
}

std::vector<cv::Point2d> outline_points(const Region& region, cv::Size film, double sigma_px,
                                        double border_px) {
  const int margin = static_cast<int>(std::ceil(3 * sigma_px)) + 1;
  cv::Mat padded, smooth;
  cv::copyMakeBorder(region.mask, padded, margin, margin, margin, margin, cv::BORDER_CONSTANT, 0);
  cv::GaussianBlur(padded, smooth, {}, sigma_px);
  const cv::Point2d origin = cv::Point2d(region.box.tl()) - cv::Point2d(margin, margin);
  std::vector<cv::Point2d> points;
  const auto add = [&](double x, double y) {
    const cv::Point2d p = origin + cv::Point2d(x, y);
    if (p.x >= border_px && p.y >= border_px && p.x <= film.width - 1 - border_px &&
        p.y <= film.height - 1 - border_px) {
      points.push_back(p);
    }
  };
  for (int y = 0; y + 1 < smooth.rows; ++y) {
    const uchar* row = smooth.ptr<uchar>(y);
    const uchar* next = smooth.ptr<uchar>(y + 1);
    for (int x = 0; x + 1 < smooth.cols; ++x) {
      if (const auto t = crossing(row[x], row[x + 1])) add(x + *t, y);
      if (const auto t = crossing(row[x], next[x])) add(x, y + *t);
    }
  }
  return points;
}

Regions find_regions(const MaskStack& masks) {
  Regions regions;
  for (const Structure s : kStructures) {
    if (masks[s].empty()) continue;
    auto region = largest_region(masks.crop(s));
    if (region && region->area_px >= kMinAreaPx) regions[index(s)] = std::move(region);
  }
  return regions;
}

std::optional<double> median_body_area(const Regions& regions) {
  std::vector<double> areas;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (regions[i]) areas.push_back(regions[i]->area_px);
  }
  if (areas.size() < 2) return std::nullopt;
  return median(areas);
}

std::vector<cv::Point2d> anatomical_outline(const Region& region, cv::Size film,
                                            const AnatomicalFrame& frame) {
  const double sigma_px = std::max(1.0, std::sqrt(region.area_px) / 200);
  std::vector<cv::Point2d> points = outline_points(region, film, sigma_px);
  for (auto& p : points) p = frame.to_anatomical(p);
  return points;
}

}  // namespace spine
