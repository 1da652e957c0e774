#pragma once
#include <filesystem>
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

struct ReadOptions {
  std::optional<Spacing> spacing;  ///< overrides what the file says
  bool detect_polarity = true;     ///< where no tag tells: turn films whose bone is dark
  std::optional<int> frame =
      std::nullopt;      ///< of a DICOM film with several, from 1; without it refused
  int max_side = 20000;  ///< larger films are refused from their header, pixels
  int min_side = 64;     ///< smaller ones are no films, pixels
};

/// The part of reading that all formats share: refuses films that are too small or without
/// contrast, applies the spacing override, and turns the film when no tag told its polarity.
/// @param polarity_known  bone is known to be bright
Image finish_film(const std::filesystem::path& file, const cv::Mat& pixels, FilmInfo info,
                  bool polarity_known, const ReadOptions& options);

}  // namespace spine
