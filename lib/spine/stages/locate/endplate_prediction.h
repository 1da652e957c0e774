#pragma once
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/infer/model.h"

namespace spine {

/// Landmarks whose endplates were predicted by a network, with the predicted uncertainty.
struct EndplatePrediction {
  Landmarks landmarks;
  LandmarkUncertainty uncertainty;  ///< of the endplates; nullopt for the heads
  /// "unclear_L3", "unclear_S1": found by its outline, but the predicted direction of an endplate
  /// is too uncertain (standard deviation beyond 10 degrees); removed from the landmarks.
  /// "uncertain_L3", "uncertain_S1": found where it should lie, not by its outline.
  std::vector<std::string> qc;
};

/// Checks that a model has the outputs of EndplateNet.
/// @throws Error(weights) naming the first output that the model lacks.
void require_endplates(const ModelInfo& info);

/// Refines every endplate of a radiograph in a magnified window around its current position, in two
/// passes; the second pass is centred on the result of the first. Bodies that were not found are
/// sought between or beyond their neighbours, and S1 below L5; so are an L5 and an S1 so far from
/// the body above that another may lie between. What was sought is accepted when it lies near where
/// it should and the standard deviation of its direction is at most 3 degrees, or 6 in place of
/// what was too far away.
/// @param film  the radiograph
/// @param found  landmarks of locate() on the masks of the radiograph, film pixels
/// @param restored  null, or the radiograph with its implants inpainted: predictions on both are
///                  averaged with inverse-variance weights
/// @returns landmarks in film pixels; flags in the order L1 ... L5, S1
/// @throws Error(weights) when the model's outputs are not those of EndplateNet.
EndplatePrediction predict_endplates(const Image& film, const Landmarks& found, const Model& model,
                                     const Image* restored = nullptr);

}  // namespace spine
