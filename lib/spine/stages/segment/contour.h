#pragma once
#include <array>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/geometry.h"
#include "spine/core/mask_crop.h"
#include "spine/core/mask_stack.h"

namespace spine {

/// One connected part of a mask.
struct Region {
  cv::Rect box;             ///< on the film, pixels
  cv::Mat mask;             ///< CV_8UC1 0/255 of the box's size
  double area_px = 0;       ///< number of pixels
  cv::Point2d centroid_px;  ///< on the film
};

/// The 8-connected part with the most pixels; nullopt for an empty mask.
std::optional<Region> largest_region(const MaskCrop& crop);
std::optional<Region> largest_region(const cv::Mat& mask);

/// The largest region of each structure; nullopt for specks of under 30 pixels and empty masks.
using Regions = std::array<std::optional<Region>, kStructureCount>;
Regions find_regions(const MaskStack& masks);

/// Median number of pixels of L1-L5; nullopt where fewer than two are there.
std::optional<double> median_body_area(const Regions& regions);

/// Sub-pixel points of a region's outline, about one or two for every pixel that it passes, in no
/// order. The mask is smoothed by a Gaussian and its half-height crossings between neighbouring
/// pixels are interpolated, so that a straight edge is met to about 0.1 px in any direction.
/// Points nearer than `border_px` to the film's edge are left out: there a structure is cut, not
/// bounded.
/// @param film  size of the film, pixels
/// @returns film pixels
std::vector<cv::Point2d> outline_points(const Region& region, cv::Size film, double sigma_px = 1.0,
                                        double border_px = 2.0);

/// The outline in the anatomical frame, smoothed by one pixel or a two-hundredth of the region's
/// side, whichever is more.
std::vector<cv::Point2d> anatomical_outline(const Region& region, cv::Size film,
                                            const AnatomicalFrame& frame);

}  // namespace spine
