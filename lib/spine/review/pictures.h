#pragma once
#include <string>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "spine/core/mask_crop.h"

namespace spine::review {

/// The pixels of a film, row by row, 8 or 16 bits little endian, compressed (RFC 1952). Browsers
/// decode pictures of 16 bits to 8, so that window and level need the raw values.
/// @param film  CV_8UC1 or CV_16UC1
std::string gzip_pixels(const cv::Mat& film);

/// Contrast-limited adaptive histogram equalisation (Pizer 1987, Zuiderveld 1994), which shows bone
/// in the dark and in the bright parts of a film at once. For the eye alone: nothing is measured
/// on it.
/// @param film  CV_8UC1 or CV_16UC1
/// @returns the same size and depth
cv::Mat local_contrast(const cv::Mat& film);

/// A JPEG of at most `side` pixels, which shows before the pixels are there.
std::string preview_jpeg(const cv::Mat& pixels, int side);

/// Outlines of the structures: {"L1": [[x, y, x, y, ...], ...], ...}, polygons in film pixels.
nlohmann::json outlines(const MaskCrops& masks);

}  // namespace spine::review
