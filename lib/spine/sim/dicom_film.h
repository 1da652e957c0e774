#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "spine/core/image.h"

namespace spine::sim {

/// Writes a film as an uncompressed Digital X-Ray Image (PS3.3 A.26): 16 bit, MONOCHROME2,
/// ImagerPixelSpacing if the spacing is known. Names and identifiers are fictitious and determined
/// by `seed`. The file is written atomically. @throws Error(output)
void write_dicom_film(const std::filesystem::path& file, const Image& film,
                      const std::string& study_id, std::uint64_t seed);

}  // namespace spine::sim
