#pragma once
#include <filesystem>

namespace spine {

/// Whether a result file can be read completely as the format of its extension: JSON, an image
/// (PNG, JPEG or TIFF, detected by content) or DICOM. True for other extensions, and for intact
/// images of an unsupported kind. False if there is no such file.
bool can_be_read(const std::filesystem::path& file);

}  // namespace spine
