#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/stages/preprocess/roi.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// Refines the segmentation of the whole-film prediction by ROI predictions: L1-L5 and S from the
/// windows of the spine, F1 and F2 from those of the hips. Where windows overlap, their
/// probabilities are averaged.
///
/// The vertebral bodies of all windows are labelled together (label_levels) with the evidence of
/// both predictions, so that missed bodies are added and mislabelled ones corrected; a missed
/// sacrum is added from the ROI. S, F1 and F2 keep their mask, with a note, where no ROI component
/// agrees with it (intersection over union below 0.4). When the ROIs confirm fewer than three of
/// L1-L5 and S, `result` reports no spine and its masks become empty.
/// @param rois  windows of one film, all of one network size
/// @param probabilities  for each window, as for masks_from_probabilities: one CV_32FC1 plane per
///     structure (kStructures' order) of the window's square, values in [0,1]
/// @param result  in: the current segmentation of the film; out: refined masks, confidence,
///     outlines, labelling_ambiguity, notes and spine_found
void refine_from_rois(const std::vector<Roi>& rois,
                      const std::vector<std::vector<cv::Mat>>& probabilities,
                      const SegmentOptions& options, Segmentation& result);

}  // namespace spine
