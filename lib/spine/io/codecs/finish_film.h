#pragma once
#include <filesystem>
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// Options of reading a film.
struct ReadOptions {
  std::optional<Spacing> spacing;  ///< overrides the spacing in the file
  bool detect_polarity = true;     ///< without a polarity tag: invert films with dark bone
  std::optional<int> frame =
      std::nullopt;      ///< frame of a multi-frame DICOM file, from 1; required for those
  int max_side = 20000;  ///< larger films are rejected by their header, pixels
  int min_side = 64;     ///< smaller films are rejected, pixels
};

/// Common last step of all readers: rejects films that are too small or without contrast, applies
/// the spacing override, and inverts the film if no tag gave its polarity and bone is dark.
/// @param polarity_known  true: bone is known to be bright
/// @throws Error(unsupported) naming the file
Image finish_film(const std::filesystem::path& file, const cv::Mat& pixels, FilmInfo info,
                  bool polarity_known, const ReadOptions& options);

}  // namespace spine
