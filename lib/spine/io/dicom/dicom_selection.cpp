#include "spine/io/dicom/dicom_selection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcuid.h>

#include "spine/io/dicom/dicom_description.h"
#include "spine/util/text.h"

namespace spine {
namespace {

using Words = std::vector<std::string>;

template <class List>
bool holds(const List& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The values of a tag, separated by backslashes.
Words values_of(const std::string& value) {
  Words values;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find('\\', at), value.size());
    values.push_back(value.substr(at, end - at));
    at = end + 1;
  }
  return values;
}

// Modalities of PS3.3 C.7.3.1.1.1.
constexpr std::array<std::string_view, 6> kRadiographs{"CR", "DX", "RG", "RF", "OT", "SC"};
constexpr std::array<std::string_view, 42> kOtherModalities{
    "AR",     "ASMT",    "AU",     "BDUS",     "BI",  "BMD", "CT",    "DG",   "DOC", "ECG", "EPS",
    "ES",     "FID",     "GM",     "HC",       "HD",  "IO",  "IVOCT", "IVUS", "KER", "KO",  "LEN",
    "LP",     "LS",      "MG",     "MR",       "NM",  "OCT", "OP",    "PR",   "PT",  "PX",  "REG",
    "RTDOSE", "RTIMAGE", "RTPLAN", "RTSTRUCT", "SEG", "SM",  "SR",    "US",   "XA"};
// Body parts of PS3.16 Annex L, with vendors' spellings, that exclude the lumbar spine.
constexpr std::array<std::string_view, 46> kOtherParts{
    "SKULL",   "HEAD",      "NECK",     "CSPINE",    "CHEST",         "THORAX",   "BREAST", "RIB",
    "RIBS",    "STERNUM",   "CLAVICLE", "SCAPULA",   "SHOULDER",      "HUMERUS",  "ARM",    "ELBOW",
    "FOREARM", "RADIUS",    "ULNA",     "WRIST",     "HAND",          "FINGER",   "THUMB",  "FEMUR",
    "THIGH",   "KNEE",      "PATELLA",  "LEG",       "TIBIA",         "FIBULA",   "ANKLE",  "FOOT",
    "TOE",     "CALCANEUS", "HEEL",     "HEART",     "JAW",           "MANDIBLE", "ORBIT",  "SINUS",
    "NOSE",    "EYE",       "EAR",      "EXTREMITY", "CERVICALSPINE", "FACE"};
constexpr std::array<std::string_view, 12> kSpineParts{"LSPINE", "SPINE",  "LSSPINE", "TLSPINE",
                                                       "SSPINE", "TSPINE", "WSPINE",  "SACRUM",
                                                       "PELVIS", "HIP",    "ABDOMEN", "COCCYX"};
// View positions of PS3.3 C.8.7.1.1.2 and vendors' terms for them.
constexpr std::array<std::string_view, 12> kLateralViews{
    "LL", "RL", "LAT", "LATERAL", "LLAT", "RLAT", "LATLT", "LATRT", "L", "R", "LLD", "RLD"};
constexpr std::array<std::string_view, 7> kOtherViews{"AP",  "PA",  "FRONTAL", "AXIAL",
                                                      "OBL", "LPO", "RPO"};
constexpr std::array<std::string_view, 11> kPhotometrics{
    "MONOCHROME1",  "MONOCHROME2",     "PALETTE COLOR", "RGB",     "YBR_FULL",
    "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_RCT",       "YBR_ICT", "YBR_PARTIAL_422",
    "HSV"};
template <std::size_t N>
bool is_one_of(const std::string& value, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// Whether rows or columns are left-right, so that the view is not lateral.
bool shows_front(const std::string& orientation) {
  const auto cut = orientation.find('\\');
  if (cut == std::string::npos || cut == 0 || cut + 1 == orientation.size()) return false;
  const char row = orientation[0], column = orientation[cut + 1];
  const bool sideways = row == 'L' || row == 'R';
  return sideways && (column == 'F' || column == 'H');
}

std::optional<std::string> unlisted(const std::string& value, const Words& wanted,
                                    const std::string& what) {
  const Words values = values_of(upper_case(value));
  const bool listed = std::any_of(values.begin(), values.end(),
                                  [&](const auto& one) { return holds(wanted, one); });
  if (wanted.empty() || listed) return std::nullopt;
  return what + " " + (value.empty() ? "not given" : display_code(value)) + ", not requested";
}

/// The first of a tag's values if all of them are on a list; otherwise they contradict one another
/// and nothing is certain.
template <std::size_t N>
std::optional<std::string> only_of(const std::string& value,
                                   const std::array<std::string_view, N>& list) {
  const Words values = values_of(upper_case(value));
  const bool all = std::all_of(values.begin(), values.end(),
                               [&](const auto& one) { return is_one_of(one, list); });
  return all ? std::optional(values.front()) : std::nullopt;
}

std::optional<std::string> other_part(const DicomHeader& header) {
  if (const auto part = only_of(header.body_part, kOtherParts)) return "body part " + *part;
  if (!header.body_part.empty()) return std::nullopt;
  Words texts = header.descriptions;
  texts.push_back(header.region_code);
  if (describe_another_part(texts)) return "described as another part of the body";
  return std::nullopt;
}

/// The view named by descriptions of the film: its code meaning, otherwise the series descriptions,
/// where one that names several views does not exclude the film.
DescribedView view_by_words(const DicomHeader& header) {
  const DescribedView coded = described_view(header.view_code);
  if (coded != DescribedView::unsaid) return coded;
  bool frontal = false, several = false;
  for (const std::string& text : header.descriptions) {
    const DescribedView view = described_view(text);
    if (view == DescribedView::lateral) return view;
    frontal = frontal || view == DescribedView::frontal;
    several = several || view == DescribedView::several;
  }
  if (several) return DescribedView::several;
  return frontal ? DescribedView::frontal : DescribedView::unsaid;
}

std::optional<std::string> other_view(const DicomHeader& header) {
  if (const auto view = only_of(header.view, kOtherViews)) return "view " + *view;
  if (only_of(header.view, kLateralViews)) return std::nullopt;
  switch (view_by_words(header)) {
    case DescribedView::frontal:
      return "described as a view that is not lateral";
    case DescribedView::lateral:
    case DescribedView::several:
      return std::nullopt;
    case DescribedView::unsaid:
      break;
  }
  if (shows_front(header.orientation)) return "a frontal view by its orientation";
  return std::nullopt;
}

}  // namespace

std::string display_code(const std::string& value) {
  const std::string code = upper_case(value);
  const bool known = is_one_of(code, kRadiographs) || is_one_of(code, kOtherModalities) ||
                     is_one_of(code, kOtherParts) || is_one_of(code, kSpineParts) ||
                     is_one_of(code, kLateralViews) || is_one_of(code, kOtherViews) ||
                     is_one_of(code, kPhotometrics);
  return known ? code : "a non-standard value";
}

std::string display_class(const std::string& sop_class) {
  if (sop_class.empty()) return "no SOP class";
  const char* name = dcmFindNameOfUID(sop_class.c_str());
  return name != nullptr ? name : "a private class";
}

bool may_be_radiograph(const std::string& modality, const std::string& sop_class) {
  const std::array<std::string_view, 8> classes{
      UID_ComputedRadiographyImageStorage,
      UID_DigitalXRayImageStorageForPresentation,
      UID_DigitalXRayImageStorageForProcessing,
      UID_XRayRadiofluoroscopicImageStorage,
      UID_SecondaryCaptureImageStorage,
      UID_MultiframeGrayscaleByteSecondaryCaptureImageStorage,
      UID_MultiframeGrayscaleWordSecondaryCaptureImageStorage,
      UID_MultiframeTrueColorSecondaryCaptureImageStorage};
  // A private SOP class may be a vendor's radiograph: the modality decides.
  const bool named = dcmFindNameOfUID(sop_class.c_str()) != nullptr;
  return (modality.empty() || is_one_of(modality, kRadiographs)) &&
         (!named || is_one_of(sop_class, classes));
}

std::optional<std::string> why_excluded(const DicomHeader& header,
                                        const SelectionOptions& options) {
  if (header.sop_class == UID_MediaStorageDirectoryStorage)
    return "a DICOMDIR, which lists other files";
  if (header.own_result) return "a result of this toolkit, not a film";
  if (!header.pixels) return "no image: " + display_class(header.sop_class);
  if (!may_be_radiograph(header.modality, header.sop_class)) {
    return "not a radiograph: modality " +
           (header.modality.empty() ? "not given" : display_code(header.modality)) + ", " +
           display_class(header.sop_class);
  }
  for (const auto& why : {unlisted(header.modality, options.modalities, "modality"),
                          unlisted(header.body_part, options.body_parts, "body part"),
                          unlisted(header.view, options.views, "view")}) {
    if (why) return why;
  }
  if (!options.by_tags) return std::nullopt;
  if (options.body_parts.empty()) {
    if (auto why = other_part(header)) return why;
  }
  return options.views.empty() ? other_view(header) : std::nullopt;
}

}  // namespace spine
