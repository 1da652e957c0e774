#pragma once
#include <vector>

#include "spine/sim/rng.h"
#include "spine/train/augment.h"

namespace spine::train {

/// Two windows around every endplate of a film that is on it and not behind a shutter, each placed
/// as inexactly as outlines place it, some very much so. The film is exposed and disturbed as for
/// other networks, once for all of them.
std::vector<EndplateExample> draw_endplates(const TrainingFilm& film, int net,
                                            const AugmentOptions& options, sim::Rng rng);

/// The same of a film as it is.
/// @param film  one channel of any depth
std::vector<EndplateExample> endplates_on(const cv::Mat& film, const Landmarks& truth, int net,
                                          sim::Rng rng);

}  // namespace spine::train
