#pragma once
#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"

namespace spine {

/// Draws contours, endplates, hip axis and the named angles on the film, and a table of values in
/// the emptiest corner. Line widths and text scale with the film.
/// @param masks  may be null (landmarks only); otherwise of the film's size
/// @returns CV_8UC3 (BGR) of the film's size
/// @throws Error(internal) if masks and film differ in size
cv::Mat draw_overlay(const Image& film, const MaskStack* masks, const Landmarks& landmarks,
                     const Measurements& measurements);

}  // namespace spine
