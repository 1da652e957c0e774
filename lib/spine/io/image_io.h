#pragma once
#include <filesystem>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/io/codecs/finish_film.h"

namespace spine {

/// Reads a film by content, not by extension: PNG, JPEG, TIFF (8 or 16 bit; grey, colour or with
/// alpha, flattened to grey: luma on black) or DICOM CR/DX (dicom_io.h). Images are rotated upright
/// by their orientation tag (EXIF, TIFF). Only DICOM carries a spacing in millimetres; resolution
/// tags of other formats refer to a printer, so that only the pixel aspect ratio is used
/// (SpacingSource::aspect_ratio).
/// @throws Error(not_found | unreadable | unsupported), one line: file, expected, actual. Rejected
/// are truncated or damaged files, animations, multiple pages, and films without contrast.
Image read_film(const std::filesystem::path& file, const ReadOptions& options = {});

/// Whether the file starts with the signature of a format that read_film() supports.
bool looks_like_film(const std::filesystem::path& file);

/// Writes PNG, TIFF or JPEG by extension, atomically. PNG is compressed for speed.
/// @param pixels  CV_8U or CV_16U (not JPEG), 1 or 3 channels (BGR)
/// @throws Error(output) naming the file; Error(internal) for another extension or type
void write_image(const std::filesystem::path& file, const cv::Mat& pixels);

}  // namespace spine
