#pragma once
#include <string>
#include <vector>

namespace spine {

/// The view named by a free-text description.
enum class DescribedView {
  unsaid,
  lateral,
  frontal,  ///< or oblique: a single view that is not lateral
  several,  ///< several views, or terms that may name another one
};

/// Classifies descriptions such as "LWS a.p.", "Rachis lombaire de profil", "L-SPINE AP/LAT" or "2
/// Ebenen", in the common languages of archives. Frontal only if nothing else is named: a word of
/// another script, or an unknown one joined to the view by "and", "+" or "/", may name the lateral
/// view.
/// @param text  UTF-8
DescribedView described_view(const std::string& text);

/// Whether the descriptions of a film name a body part that excludes the lumbar spine, and none
/// that may be spine, pelvis, hip or abdomen.
/// @param texts  UTF-8
bool describe_another_part(const std::vector<std::string>& texts);

}  // namespace spine
