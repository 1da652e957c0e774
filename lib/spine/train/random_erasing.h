#pragma once
#include <span>

#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Erases regions of a film, so that a network learns to reconstruct them: bars, pins, plates and
/// discs of the size of implants, mostly on the spine if its position is known, and hip prostheses
/// at femoral heads; either as bright as metal or inpainted from their borders (Telea 2004) as by
/// spine-restore before the network.
/// @param film        CV_32FC1 in [0,1]
/// @param content     position of the film in the image
/// @param structures  in the order of kStructures, CV_8UC1 of the size of `film`, 0 outside; may be
///                    empty
/// @returns the film with erased regions; in [0,1]
cv::Mat with_erasing(const cv::Mat& film, const cv::Rect& content,
                     std::span<const cv::Mat> structures, sim::Rng rng);

/// A film with implants inpainted from their borders, as in a restored film; the mask is slightly
/// enlarged or reduced.
/// @param film   CV_32FC1 in [0,1]
/// @param implant  CV_8UC1, 0..255: fraction of each pixel covered by implants
cv::Mat with_implants_filled_in(const cv::Mat& film, const cv::Mat& implant, sim::Rng rng);

}  // namespace spine::train
