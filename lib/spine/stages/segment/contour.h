#pragma once
#include <array>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/geometry.h"
#include "spine/core/mask_crop.h"
#include "spine/core/mask_stack.h"

namespace spine {

/// A connected component of a mask.
struct Region {
  cv::Rect box;             ///< on the film, pixels
  cv::Mat mask;             ///< CV_8UC1 0/255 of the box's size
  double area_px = 0;       ///< number of pixels
  cv::Point2d centroid_px;  ///< on the film
};

/// The 8-connected component with the most pixels; nullopt for an empty mask.
std::optional<Region> largest_region(const MaskCrop& crop);
/// @param mask  CV_8UC1 of the film's size
std::optional<Region> largest_region(const cv::Mat& mask);

/// In kStructures' order.
using Regions = std::array<std::optional<Region>, kStructureCount>;
/// The largest region of each structure; nullopt for empty masks and regions of fewer than 30
/// pixels.
Regions find_regions(const MaskStack& masks);

/// Median area of L1-L5, pixels; nullopt for fewer than two bodies.
std::optional<double> median_body_area(const Regions& regions);

/// Sub-pixel points of a region's outline, about one or two per pixel of its length, unordered. The
/// mask is smoothed by a Gaussian and its half-height crossings between neighbouring pixels are
/// interpolated, so that a straight edge is met to about 0.1 px in any direction. Points nearer
/// than `border_px` to the film's edge are excluded, as the film cuts the structure there.
/// @param film  size of the film, pixels
/// @param sigma_px  standard deviation of the Gaussian
/// @returns film pixels
std::vector<cv::Point2d> outline_points(const Region& region, cv::Size film, double sigma_px = 1.0,
                                        double border_px = 2.0);

/// outline_points() in the anatomical frame, smoothed with a standard deviation of one pixel or
/// 1/200 of the region's side (square root of its area), whichever is greater.
std::vector<cv::Point2d> anatomical_outline(const Region& region, cv::Size film,
                                            const AnatomicalFrame& frame);

}  // namespace spine
