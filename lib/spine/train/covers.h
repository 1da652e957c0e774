#pragma once
#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Hides parts of a film, so that a network learns to draw what is under them: bars, pins, plates
/// and discs of an implant's sizes, either as bright as metal or filled in from their rims as
/// spine-restore does (Telea 2004) before it asks the network.
/// @param film  CV_32FC1 in [0,1]
/// @param content  where the film lies in it
/// @returns the film with parts hidden; in [0,1]
cv::Mat with_covers(const cv::Mat& film, const cv::Rect& content, sim::Rng rng);

}  // namespace spine::train
