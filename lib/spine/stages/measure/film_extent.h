#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/geometry.h"
#include "spine/core/image.h"
#include "spine/core/landmarks.h"

// What a film can show: how far it reaches, and what must lie beyond.
namespace spine {

/// The part of a film that shows anything: without rows and columns along its edges that are of one
/// grey value nearly throughout (90 % of their pixels within 4 % of the film's range), as
/// collimation, shutters and scanners leave them. The whole film where less than a fifth of a side
/// would be left.
/// @returns film pixels
cv::Rect exposed_field(const Image& film);

/// Names ("L1" ... "L5", "S1", "femoral heads") of what was not found and lies beyond the film,
/// from above. What was found tells the place of the rest:
///   bodies above the uppermost one, and bodies and S1 below the lowest structure, go on at its
///     distances; one lies beyond the film when the middle of its endplate (the superior one, where
///     it would be measured) does, or is nearer to the edge than 0.15 heights of a body;
///   the hip axis lies 3.3 +/- 0.5 depths of a body from the middle of S1's endplate, at a pelvic
///     tilt of 17 +/- 12 degrees. Heads lie beyond the film when in most of this range (the half of
///     its weight) their centres do, or are nearer to the edge than a quarter of a radius, so that
///     no circle can be seen in them. In 310 patients pelvic tilt is 17.5 +/- 10.0 (UCI "Vertebral
///     Column"); the distance is that of 6 simulated and 9 real films of other patients.
/// Depth and height of a body are measured apart, since there are films that are stored too wide.
/// @param frame  of the film
/// @param field  the film or its exposed part, pixels
std::vector<std::string> beyond_film(const Landmarks& landmarks, const AnatomicalFrame& frame,
                                     const cv::Rect& field);

}  // namespace spine
