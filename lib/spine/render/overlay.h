#pragma once
#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"

namespace spine {

/// The film with outlines, endplates, hip axis and the named angles drawn on it, and a table of the
/// values in the emptiest corner. Line widths and letters grow with the film.
/// @param masks  may be null (landmarks only); else of the film's size
/// @returns CV_8UC3 (BGR) of the film's size.
cv::Mat draw_overlay(const Image& film, const MaskStack* masks, const Landmarks& landmarks,
                     const Measurements& measurements);

}  // namespace spine
