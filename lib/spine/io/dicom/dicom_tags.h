#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

// Access to values of a data set with DCMTK.

namespace spine {

/// The first value without padding; empty if absent. For VR UN, its bytes.
std::string tag_text(DcmItem& item, const DcmTagKey& key);
/// All values, separated by backslashes.
std::string tag_texts(DcmItem& item, const DcmTagKey& key);

/// Parses a decimal or integer string (VR DS, IS), tolerating surrounding blanks, a plus sign and a
/// decimal comma. nullopt if anything else remains, or the number is not finite.
std::optional<double> parse_decimal(std::string_view text);

/// All values of a number in any representation, text or binary; nullopt for each invalid one.
/// Empty if the element is absent or empty.
std::vector<std::optional<double>> tag_numbers(DcmItem& item, const DcmTagKey& key);
/// One value of a number; nullopt if absent or not finite.
std::optional<double> tag_number(DcmItem& item, const DcmTagKey& key, unsigned long position = 0);
/// An integer in any representation (US, SS, UL, IS, UN, ...); nullopt if absent or invalid.
std::optional<int> tag_integer(DcmItem& item, const DcmTagKey& key, unsigned long position = 0);
/// A value of representation US; `otherwise` if absent.
int tag_word(DcmItem& item, const DcmTagKey& key, int otherwise);

/// The bytes of an element of numbers or bytes; words in native byte order.
std::string tag_bytes(DcmItem& item, const DcmTagKey& key);

}  // namespace spine
