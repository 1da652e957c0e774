#pragma once
#include <functional>

#include "spine/core/input_spec.h"
#include "spine/train/film_source.h"
#include "spine/train/training.h"
#include "spine/train/validate.h"

namespace spine::train {

/// Options of the training of a segmentation network.
struct SegmentationOptions : TrainingOptions {
  /// Weight of the loss on features at 1/8 of the resolution, which helps deep layers to learn
  /// (deep supervision, Lee et al. 2015); 0: none.
  double coarse_weight = 0.4;
};

/// Evaluates a network on held-out films.
using Validator = std::function<Validation(const Predictor&)>;

/// The input of a network trained with these options.
/// @throws Error(usage) if number of views and network disagree
InputSpec training_input(const SegmentationOptions& options);

/// Sets views and network to a named preprocessing (preprocessing_views): several views are
/// combined by PEN, a single one fills all channels of the network's image.
/// @throws Error(usage) naming the known ones
void choose_preprocessing(const std::string& name, SegmentationOptions& options);

/// Trains a segmentation network: Dice + cross-entropy, AdamW, warm-up and cosine schedule over the
/// planned length, moving average of weights, gradient clipping. Writes to options.output; the best
/// moving average by validation Dice is best.safetensors (half precision). With `resume` it
/// continues exactly from checkpoint.pt.
/// @param validator  may be empty; the last weights are the best then
/// @throws Error(usage | unreadable | output | internal)
TrainingResult train_segmentation(const SegmentationOptions& options, FilmSource& films,
                                  const Validator& validator, const TrainingHooks& hooks);

}  // namespace spine::train
