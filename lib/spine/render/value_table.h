#pragma once
#include <opencv2/core.hpp>

#include "spine/core/measurements.h"
#include "spine/render/canvas.h"

namespace spine {

/// Draws the table of values and the first flags in the corner of the film with the least content.
/// @param film8  the film without overlay, CV_8UC1
void draw_table(Canvas& canvas, const cv::Mat& film8, const Measurements& measurements);

}  // namespace spine
