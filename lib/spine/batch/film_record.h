#pragma once
#include <filesystem>
#include <optional>

#include "spine/core/image.h"

namespace spine::batch {

/// What a study's record (segmentation.json, restoration.json, measurements.json) says of its film:
/// spacing and where that is from, polarity, notes on how it was read.
/// @throws Error(unreadable) when the file is no such record or does not tell the spacing
FilmInfo read_film_record(const std::filesystem::path& file);

/// The same film with the spacing that its user gave for it, if any.
FilmInfo with_spacing(FilmInfo film, const std::optional<Spacing>& given);

}  // namespace spine::batch
