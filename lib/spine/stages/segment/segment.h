#pragma once
#include <optional>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// The networks of the segmentation stage.
struct Segmenter {
  Model model;               ///< whole-film prediction: finds and labels the structures
  std::optional<Model> roi;  ///< ROI prediction: refines them in magnified windows
  /// Endplate prediction after segment() and locate(), see predict_endplates(); not used here.
  std::optional<Model> endplates;
};

/// Segments L1-L5, S, F1 and F2 on a film. Whole-film prediction: PEN views -> network -> sigmoid
/// -> masks_from_probabilities. Then up to two rounds of ROI predictions in magnified windows
/// around the current masks refine the result (refine_from_rois), and heads become circles
/// (draw_head_circles). Runs on the calling thread; concurrent calls are safe. A film without a
/// spine is no error: Segmentation::spine_found is false.
/// @param restored  null, or the film with its implants inpainted: probabilities are averaged over
///     both, each structure weighted inversely to its uncertainty, as implants hide structures and
///     restoration blurs those beside them. The ROI at the hips uses the film alone, as restoration
///     removes a prosthesis' head; so does everything where both together show no spine.
/// @returns masks of the film's size
/// @throws Error(weights) when the outputs of `model` or `roi` do not include the eight structures.
Segmentation segment(const Image& film, const Segmenter& segmenter,
                     const SegmentOptions& options = {}, const Image* restored = nullptr);

}  // namespace spine
