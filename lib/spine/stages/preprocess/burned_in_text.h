#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// Boxes around text that was drawn into a film's pixels, such as a patient's name: rows or columns
/// of at least three glyphs of one ink, bright or dark, clearly set off from what is around them,
/// close together, and most of one height on one line, whose strokes are even, sharp and far above
/// the noise around them, so that film grain is no text. Letters of lead that stand alone (a side
/// marker) are no text. What its ground hardly differs from is not found
/// (scripts/check_burned_in_text.sh).
/// @returns boxes in the film's pixels, a margin included, sorted by place
std::vector<cv::Rect> find_burned_in_text(const Image& film);

/// Fills each box with the median of its rim.
/// @param picture  CV_8U, CV_16U or CV_32F, one channel
/// @param scale    of the picture's pixels to those of the boxes
void fill_boxes(cv::Mat& picture, const std::vector<cv::Rect>& boxes, double scale = 1);

}  // namespace spine
