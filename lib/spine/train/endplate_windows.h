#pragma once
#include <vector>

#include "spine/sim/rng.h"
#include "spine/train/augment.h"

namespace spine::train {

/// Draws windows around every endplate of a film that is visible and inside the collimation (three
/// around S1's, two around the inferior one of L5), with placement errors like those of contours,
/// some much larger. The film is exposed and
/// augmented as for other networks, once for all windows.
/// @param net  side of the window, pixels
std::vector<EndplateExample> draw_endplates(const TrainingFilm& film, int net,
                                            const AugmentOptions& options, sim::Rng rng);

/// The same for a film without augmentation.
/// @param film   one channel of any depth
/// @param truth  in film pixels
/// @param net    side of the window, pixels
std::vector<EndplateExample> endplates_on(const cv::Mat& film, const Landmarks& truth, int net,
                                          sim::Rng rng);

}  // namespace spine::train
