#pragma once
#include <string_view>

#include <opencv2/core.hpp>

namespace spine {

/// Reads the pixels of a common PNG with libdeflate, in half the time of libpng: 8 or 16 bits,
/// without palette, transparent colour or interlacing (checked by the caller from the header); all
/// checksums correct and nothing but IEND after the pixels (checked here).
/// @param bytes  content of the file, whose chunks lie within it
/// @param pixels  CV_8U or CV_16U of the image's size and channels, continuous
/// @returns false for any other file; `pixels` is then unspecified
bool read_usual_png(std::string_view bytes, cv::Mat& pixels);

}  // namespace spine
