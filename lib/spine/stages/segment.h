#pragma once
#include <span>
#include <vector>

#include "spine/core/image.h"
#include "spine/infer/model.h"
#include "spine/stages/probability_masks.h"

namespace spine {

/// PEN views -> network -> sigmoid -> masks_from_probabilities, for a batch of films. Never throws
/// for a film without a spine.
/// @throws Error(weights) when the model's outputs are not the eight structures.
std::vector<Segmentation> segment(std::span<const Image* const> films, Model& model,
                                  const SegmentOptions& options = {});

}  // namespace spine
