#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// Detects text burned into a film's pixels, such as a patient's name: rows or columns of at least
/// three glyphs of one grey value, bright or dark, with high contrast to their background, close
/// together and mostly of one height on one line, whose strokes are even, sharp and far above the
/// surrounding noise, which excludes film grain. Single lead letters (side markers) are not
/// detected, nor is text of low contrast (scripts/check_burned_in_text.sh).
/// @returns boxes in film pixels, with a margin, sorted by position (top to bottom)
std::vector<cv::Rect> find_burned_in_text(const Image& film);

/// Fills each box with the median of the pixels around it, in place.
/// @param picture  CV_8U, CV_16U or CV_32F, one channel
/// @param scale    picture pixels per pixel of the boxes' frame
void fill_boxes(cv::Mat& picture, const std::vector<cv::Rect>& boxes, double scale = 1);

}  // namespace spine
