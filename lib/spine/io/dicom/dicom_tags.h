#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

// Values of a data set, for the sources that use DCMTK.

namespace spine {

/// The first value without padding; empty when it is absent. Of VR UN: its bytes.
std::string tag_text(DcmItem& item, const DcmTagKey& key);
/// All values, between backslashes.
std::string tag_texts(DcmItem& item, const DcmTagKey& key);

/// A decimal or integer string (VR DS, IS) as files have it: blanks around it, a plus sign, and a
/// comma for the decimal point are understood. nullopt where anything else is left over, or it is
/// not finite.
std::optional<double> parse_decimal(std::string_view text);

/// All values of a number in whatever representation it is written, text or binary; nullopt for
/// each that is none. Empty when the element is absent or empty.
std::vector<std::optional<double>> tag_numbers(DcmItem& item, const DcmTagKey& key);
/// Nothing where it is absent or no finite number.
std::optional<double> tag_number(DcmItem& item, const DcmTagKey& key, unsigned long position = 0);
/// An integer in whatever representation it is written (US, SS, UL, IS, UN, ...).
std::optional<int> tag_integer(DcmItem& item, const DcmTagKey& key, unsigned long position = 0);
/// Of value representation US.
int tag_word(DcmItem& item, const DcmTagKey& key, int otherwise);

/// The bytes of an element of numbers or bytes, words in the machine's order.
std::string tag_bytes(DcmItem& item, const DcmTagKey& key);

}  // namespace spine
