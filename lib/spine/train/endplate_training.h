#pragma once
#include <vector>

#include "spine/train/endplate_windows.h"
#include "spine/train/film_source.h"
#include "spine/train/training.h"

namespace spine::train {

/// The input of an EndplateNet of this configuration: the film itself.
InputSpec endplate_input(const TrainingOptions& options);

/// Trains an EndplateNet with the negative log-likelihood of the reference under the predicted
/// Laplace distributions, and cross-entropies of its maps. Writes the files of train_segmentation;
/// the best moving average is the one with the smallest mean angle error of endplates.
/// @param options     augment.target must be Target::endplates; batch counts films, all windows of
///                    which are used in a step
/// @param validation  windows of held-out films; may be empty
/// @throws Error(usage | unreadable | output | internal)
TrainingResult train_endplates(const TrainingOptions& options, FilmSource& films,
                               const std::vector<EndplateExample>& validation,
                               const TrainingHooks& hooks);

}  // namespace spine::train
