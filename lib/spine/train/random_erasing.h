#pragma once
#include <span>

#include <opencv2/core.hpp>

#include "spine/sim/rng.h"

namespace spine::train {

/// Hides parts of a film, so that a network learns to draw what is under them: bars, pins, plates
/// and discs of an implant's sizes, mostly on the spine where it is known to be, and hip prostheses
/// in the place of femoral heads; either as bright as metal or filled in from their rims as
/// spine-restore does (Telea 2004) before it asks the network.
/// @param film  CV_32FC1 in [0,1]
/// @param content  where the film lies in it
/// @param structures  in the order of kStructures, CV_8UC1 of the film's size, 0 elsewhere; or none
/// @returns the film with parts hidden; in [0,1]
cv::Mat with_erasing(const cv::Mat& film, const cv::Rect& content,
                     std::span<const cv::Mat> structures, sim::Rng rng);

/// A film whose metal is filled in from its rims, as a restored film's is, a little more or less of
/// it than there is.
/// @param film  CV_32FC1 in [0,1]
/// @param metal  CV_8UC1, 0..255: the part of each pixel that metal covers
cv::Mat with_metal_filled_in(const cv::Mat& film, const cv::Mat& metal, sim::Rng rng);

}  // namespace spine::train
