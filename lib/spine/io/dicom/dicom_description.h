#pragma once
#include <string>
#include <vector>

namespace spine {

/// Which view a description in free words names.
enum class DescribedView {
  unsaid,
  lateral,
  frontal,  ///< or oblique: one view, and not the lateral one
  several,  ///< more than one, or words that may name another beside it
};

/// Reads "LWS a.p.", "Rachis lombaire de profil", "L-SPINE AP/LAT", "2 Ebenen" in the languages
/// whose archives are likely. Frontal is only what names nothing else: a word of another script or
/// one that "and", "+" or "/" joins to the view and that is not known may name the lateral view.
/// @param text  UTF-8
DescribedView described_view(const std::string& text);

/// Whether descriptions of one film name a part of the body that no film of the lumbar spine
/// shows, and nothing that may be spine, pelvis, hip or abdomen.
/// @param texts  UTF-8
bool describe_another_part(const std::vector<std::string>& texts);

}  // namespace spine
