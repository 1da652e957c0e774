#pragma once
#include <vector>

#include "spine/train/endplate_windows.h"
#include "spine/train/film_source.h"
#include "spine/train/training.h"

namespace spine::train {

/// The input that an EndplateNet of this configuration will have: the film itself.
InputSpec endplate_input(const TrainingOptions& options);

/// Trains an EndplateNet: the negative logarithm of the likelihood that its answer's Laplace
/// distributions give the truth, and cross-entropies of its maps. Writes what train_segmentation
/// writes; the best moving average is that whose endplates are turned least on average.
/// @param options  augment.target is Target::endplates; batch counts films, of whose windows a step
///                 takes all
/// @param validation  windows of films that are never trained on; may be empty
/// @throws Error(usage | unreadable | output | internal)
TrainingResult train_endplates(const TrainingOptions& options, FilmSource& films,
                               const std::vector<EndplateExample>& validation,
                               const TrainingHooks& hooks);

}  // namespace spine::train
