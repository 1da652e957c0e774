#pragma once
#include <optional>

#include "spine/core/geometry.h"
#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/contour.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// A head by the robust circle (fit_circle_robust) through its region's outline in the anatomical
/// frame; nullopt where the outline is too short, the circle far from the region's size, or its
/// centre not on the region: such a head is less than half there.
std::optional<FemoralHead> fit_head(const Region& region, cv::Size film,
                                    const AnatomicalFrame& frame);

/// Draws the heads as what they are: a mask becomes the circle that its outline shows, since other
/// bone and metal leave it ragged, but no more than a quarter of a radius beyond where the head was
/// seen, so that it still ends at the collimation's edge. A head that fit_head() does not give
/// stays as it is. F1 becomes the more anterior one (find_anterior).
void draw_head_circles(const Spacing& spacing, Segmentation& segmentation);

}  // namespace spine
