#pragma once
#include <functional>

#include "spine/core/input_spec.h"
#include "spine/train/film_source.h"
#include "spine/train/training.h"
#include "spine/train/validate.h"

namespace spine::train {

struct SegmentationOptions : TrainingOptions {
  /// Weight of the loss on features at 1/8 of the resolution, against which deep layers learn
  /// sooner (deep supervision, Lee et al. 2015); 0: none.
  double coarse_weight = 0.4;
};

/// Judges a network on films that it is never trained on.
using Validator = std::function<Validation(const Predictor&)>;

/// The input that a configuration trained with these options will have.
/// @throws Error(usage) when number of views and network disagree.
InputSpec training_input(const SegmentationOptions& options);

/// Sets views and network to a preprocessing of that name (preprocessing_views): several views go
/// through PEN, a single one takes all channels of the network's image.
/// @throws Error(usage) naming the known ones.
void choose_preprocessing(const std::string& name, SegmentationOptions& options);

/// Trains a segmentation network: Dice + cross-entropy, AdamW, warm-up and cosine over the planned
/// length, moving average of weights, gradient clipping. Writes into options.output; the best
/// moving average by validation Dice is best.safetensors (half precision). With `resume` it goes on
/// from checkpoint.pt exactly where that was written.
/// @param validator  may be empty; the last weights are the best then
/// @throws Error(usage | unreadable | output | internal).
TrainingResult train_segmentation(const SegmentationOptions& options, FilmSource& films,
                                  const Validator& validator, const TrainingHooks& hooks);

}  // namespace spine::train
