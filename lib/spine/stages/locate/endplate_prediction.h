#pragma once
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/infer/model.h"

namespace spine {

/// Landmarks whose endplates a network drew, and how far off it takes them to be.
struct EndplatePrediction {
  Landmarks landmarks;
  LandmarkUncertainty uncertainty;  ///< of the endplates; nothing of the heads
  /// "unclear_L3", "unclear_S1": found by its outline, but the network could not tell the direction
  /// of an endplate (standard deviation beyond 10 degrees); not among the landmarks any more.
  std::vector<std::string> qc;
};

/// @throws Error(weights) naming the first output of EndplateNet that the model lacks.
void require_endplates(const ModelInfo& info);

/// Draws every endplate of a film anew in a magnified window around where it was found, twice, the
/// second time around what the first gave. What was not found is not looked for, but for S1: where
/// the sacrum's outline does not show it, it is looked for under L5, and taken when the network is
/// sure of it (its direction within 3 degrees, standard deviation).
/// @param found  by locate() on the film's masks
/// @param restored  null, or the film without its metal: answers are averaged over both, by their
///                  variances
/// @throws Error(weights) when the model's outputs are not those of EndplateNet.
EndplatePrediction predict_endplates(const Image& film, const Landmarks& found, const Model& model,
                                     const Image* restored = nullptr);

}  // namespace spine
