#pragma once
#include <optional>

#include "spine/core/geometry.h"
#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/contour.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// Fits a femoral head: the robust circle (fit_circle_robust) through its region's outline in the
/// anatomical frame.
/// @param film  size of the film, pixels
/// @returns centre and radius in film pixels (radius along a row); nullopt where the outline is too
///     short, the circle's size differs much from the region's, or the circle's centre is not on
///     the region (less than half of the head is visible)
std::optional<FemoralHead> fit_head(const Region& region, cv::Size film,
                                    const AnatomicalFrame& frame);

/// Replaces the masks of the femoral heads by their fitted circles (fit_head), as overlapping bone
/// and implants make the outlines irregular. A circle extends at most a quarter of its radius
/// beyond the mask, so that it still ends at the collimation's edge. A head without a fit keeps its
/// mask. F1 becomes the more anterior head (find_anterior).
/// @param spacing  used for the aspect of a pixel only
/// @param segmentation  masks of F1 and F2 change; confidence and outlines are swapped with them
void draw_head_circles(const Spacing& spacing, Segmentation& segmentation);

}  // namespace spine
