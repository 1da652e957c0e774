#pragma once
#include <optional>
#include <span>
#include <vector>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/probability_masks.h"

namespace spine {

/// The networks of the stage.
struct Segmenter {
  Model model;                    ///< finds and names the structures on the whole film
  std::optional<Model> close_up;  ///< draws their outlines anew in magnified windows
  /// Draws endplates, after segment() and locate(): look_at_endplates().
  std::optional<Model> endplates;
};

/// PEN views -> network -> sigmoid -> masks_from_probabilities, for a batch of films; then the same
/// for windows around what was found, and for those around what these show, whose outlines replace
/// the first (redraw_from_close_ups).
/// Never throws for a film without a spine.
/// @param restored  empty, or for every film the same one without its metal, null where there is
///                  none: probabilities are averaged over both, since metal hides what is under it
///                  and restoration blurs what is beside it; but for the second look at the hips,
///                  where a prosthesis' head is what is looked for
/// @throws Error(weights) when a model's outputs are not the eight structures.
std::vector<Segmentation> segment(std::span<const Image* const> films, Segmenter& segmenter,
                                  const SegmentOptions& options = {},
                                  std::span<const Image* const> restored = {});

}  // namespace spine
