#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/stages/preprocess/roi.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// Draws what the whole-film prediction found anew: L1-L5 and S from the windows of the spine, F1
/// and F2 from those of the hips; where windows overlap, their probabilities are averaged. The
/// bodies of all windows are named together (label_levels), after what the ROIs and the whole-film
/// prediction call them, so that a body which the whole-film prediction missed is found and one
/// that it named wrongly gets its right name; a sacrum that it missed is taken from the ROI. What
/// ROIs do not show stays as it was (S, F1, F2: intersection over union below 0.4), with a note;
/// where they show fewer than three of L1-L5 and S, there was no spine.
/// @param probabilities  of each window, as for masks_from_probabilities
/// @param result  masks, confidence and notes are changed
void refine_from_rois(const std::vector<Roi>& rois,
                      const std::vector<std::vector<cv::Mat>>& probabilities,
                      const SegmentOptions& options, Segmentation& result);

}  // namespace spine
