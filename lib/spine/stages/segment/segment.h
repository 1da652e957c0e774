#pragma once
#include <optional>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine {

/// The networks of the stage.
struct Segmenter {
  Model model;               ///< finds and names the structures on the whole film
  std::optional<Model> roi;  ///< draws their outlines anew in magnified windows
  /// Draws endplates, after segment() and locate(): predict_endplates().
  std::optional<Model> endplates;
};

/// PEN views -> network -> sigmoid -> masks_from_probabilities; then the same for windows around
/// what was found, and for those around what these show, whose outlines replace the first
/// (refine_from_rois). Runs on the calling thread; several may do so at once.
/// Never throws for a film without a spine.
/// @param restored  null, or the film without its metal: probabilities are averaged over both, as
///                  metal hides what is under it and restoration blurs what is beside it; but for
///                  the ROI prediction at the hips, where a prosthesis' head is what is searched
///                  for
/// @throws Error(weights) when a model's outputs are not the eight structures.
Segmentation segment(const Image& film, const Segmenter& segmenter,
                     const SegmentOptions& options = {}, const Image* restored = nullptr);

}  // namespace spine
