#pragma once
#include <filesystem>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/io/codecs/finish_film.h"

namespace spine {

/// Reads a film by content, not by extension: PNG, JPEG, TIFF (8 or 16 bit, grey, colour or with
/// alpha, flattened to grey: luma on black) or DICOM CR/DX (dicom_io.h). Pictures are turned
/// upright as their orientation tag (EXIF, TIFF) says. Only DICOM has a spacing in millimetres of
/// its own; resolution tags of the others mean a printer, so that only the shape of a pixel is
/// taken from them (SpacingSource::aspect_ratio).
/// @throws Error(not_found | unreadable | unsupported), one line: file, expected, actual. Refused
///         are truncated or damaged files, animations, several pages, films without any contrast.
Image read_film(const std::filesystem::path& file, const ReadOptions& options = {});

/// Whether the file starts like a format that read_film knows (magic bytes).
bool looks_like_film(const std::filesystem::path& file);

/// Writes PNG/TIFF/JPEG by extension, through a temporary name and a rename. PNG is compressed for
/// speed.
/// @param pixels  CV_8U or CV_16U (not JPEG), 1 or 3 channels (BGR)
/// @throws Error(output) naming the file; Error(internal) for another extension or type.
void write_image(const std::filesystem::path& file, const cv::Mat& pixels);

}  // namespace spine
