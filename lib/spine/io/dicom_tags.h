#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

// Values of a data set, for the sources that use DCMTK.

namespace spine {

/// A file up to its pixels. @throws Error(unreadable) unless it is DICOM and whole so far.
DcmFileFormat load_until_pixels(const std::filesystem::path& file);

/// The first value without padding; empty when it is absent.
std::string tag_text(DcmItem& item, const DcmTagKey& key);
/// All values, between backslashes.
std::string tag_texts(DcmItem& item, const DcmTagKey& key);
/// Nothing where it is absent or no finite number.
std::optional<double> tag_number(DcmItem& item, const DcmTagKey& key, unsigned long position = 0);
/// Of value representation US.
int tag_word(DcmItem& item, const DcmTagKey& key, int otherwise);

}  // namespace spine
