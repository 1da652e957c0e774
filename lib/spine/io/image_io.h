#pragma once
#include <filesystem>
#include <optional>

#include "spine/core/image.h"

namespace spine {

struct ReadOptions {
  std::optional<Spacing> spacing;  ///< overrides what the file says
  bool detect_polarity = true;     ///< where no tag tells: turn films whose bone is dark
  int max_side = 20000;            ///< larger films are refused, pixels
};

/// Reads a film by content, not by extension: PNG, JPEG, TIFF (8 or 16 bit, grey, colour or with
/// alpha, flattened to grey) or DICOM CR/DX (dicom_io.h).
/// @throws Error(not_found | unreadable | unsupported), one line: file, expected, actual.
Image read_film(const std::filesystem::path& file, const ReadOptions& options = {});

/// Whether the file starts like a format that read_film knows (magic bytes).
bool looks_like_film(const std::filesystem::path& file);

/// Writes PNG/TIFF/JPEG by extension, through a temporary name and a rename.
/// @throws Error(output).
void write_image(const std::filesystem::path& file, const cv::Mat& pixels);

}  // namespace spine
