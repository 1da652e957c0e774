#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/geometry.h"
#include "spine/core/image.h"
#include "spine/core/landmarks.h"

// Extent of a radiograph: its exposed field, and the structures that must lie outside.
namespace spine {

/// The exposed field of a film: excludes rows and columns along the edges that are nearly uniform
/// (90 % of their pixels within 4 % of the film's range), as left by collimation, shutters and
/// scanners. The whole film where less than a fifth of a side would remain.
/// @returns film pixels
cv::Rect exposed_field(const Image& film);

/// Structures ("L1" ... "L5", "S1", "femoral heads") that were not found and lie outside the film,
/// in cranio-caudal order. Their positions are extrapolated from what was found:
///   bodies above the uppermost one, and bodies and S1 below the lowest structure, continue at the
///     same spacing; a level lies outside when an end of its superior endplate (the one that is
///     measured) does, or is nearer to the edge than 0.15 body heights;
///   the hip axis lies 3.3 +/- 0.5 depths of a body from the middle of S1's endplate, at a pelvic
///     tilt of 17 +/- 12 degrees. Heads lie outside when for more than half of the weight of this
///     distribution their centres do, or are nearer to the edge than a quarter of a radius, so that
///     no circle is visible. In 310 patients pelvic tilt is 17.5 +/- 10.0 (UCI "Vertebral
///     Column"); the distance is that of 6 simulated and 9 real films of other patients.
/// Depth and height of a body are estimated separately, since some radiographs are stored with a
/// wrong aspect ratio.
/// @param frame  of the film
/// @param field  the film or its exposed field, pixels
/// @returns nothing for an empty field or without any landmark that gives the scale
std::vector<std::string> beyond_film(const Landmarks& landmarks, const AnatomicalFrame& frame,
                                     const cv::Rect& field);

}  // namespace spine
