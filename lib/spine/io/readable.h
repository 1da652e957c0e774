#pragma once
#include <filesystem>

namespace spine {

/// Whether a file of results can be read to its end as what its name says it is: JSON, a picture
/// (PNG, JPEG or TIFF, told apart by content) or DICOM. Files with other endings always can, and
/// pictures that are whole but of a kind that is not decoded here as well. False where there is no
/// such file.
bool can_be_read(const std::filesystem::path& file);

}  // namespace spine
