#include "spine/io/dicom/dicom_header.h"

#include <utility>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_derived.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_tags.h"

namespace spine {
namespace {

/// Texts of a data set, converted from its character set to UTF-8; unchanged if that fails.
class Texts {
 public:
  explicit Texts(DcmItem& data) {
    OFString character_set;
    data.findAndGetOFStringArray(DCM_SpecificCharacterSet, character_set);
    converts_ = converter_.selectCharacterSet(character_set).good();
  }

  [[nodiscard]] std::string of(DcmItem& item, const DcmTagKey& key) {
    std::string text = tag_text(item, key);
    OFString converted;
    // DCMTK may be built with a string class of its own.
    // NOLINTBEGIN(readability-redundant-string-cstr)
    if (converts_ && converter_.convertString(text.c_str(), converted).good()) {
      return converted.c_str();
    }
    // NOLINTEND(readability-redundant-string-cstr)
    return text;
  }

  /// Code meanings of a sequence.
  [[nodiscard]] std::string of_codes(DcmItem& data, const DcmTagKey& sequence) {
    std::string all;
    DcmItem* item = nullptr;
    for (int i = 0; data.findAndGetSequenceItem(sequence, item, i).good() && item != nullptr; ++i) {
      all += (all.empty() ? "" : " / ") + of(*item, DCM_CodeMeaning);
    }
    return all;
  }

 private:
  DcmSpecificCharacterSet converter_;
  bool converts_ = false;
};

std::vector<std::string> descriptions_of(DcmItem& data, Texts& texts) {
  std::vector<std::string> descriptions;
  for (const auto& key :
       {DCM_SeriesDescription, DCM_ProtocolName, DCM_AcquisitionDeviceProcessingDescription}) {
    std::string text = texts.of(data, key);
    if (!text.empty()) descriptions.push_back(std::move(text));
  }
  return descriptions;
}

}  // namespace

std::optional<DicomHeader> find_dicom_header(const std::filesystem::path& file) {
  const auto dicom = open_dicom(file);
  if (!dicom) return std::nullopt;
  DcmDataset& data = *dicom->data;
  DicomHeader header;
  header.sop_class = tag_text(data, DCM_SOPClassUID);
  if (header.sop_class.empty()) header.sop_class = dicom->layout.media_class;
  header.study_uid = tag_text(data, DCM_StudyInstanceUID);
  header.sop_uid = tag_text(data, DCM_SOPInstanceUID);
  header.modality = tag_text(data, DCM_Modality);
  header.body_part = tag_texts(data, DCM_BodyPartExamined);
  header.view = tag_texts(data, DCM_ViewPosition);
  header.orientation = tag_texts(data, DCM_PatientOrientation);
  Texts texts(data);
  header.view_code = texts.of_codes(data, DCM_ViewCodeSequence);
  header.region_code = texts.of_codes(data, DCM_AnatomicRegionSequence);
  header.descriptions = descriptions_of(data, texts);
  header.own_result = is_own_result(data);
  // Parsing stops at the pixels; a data set that ends earlier has none.
  header.pixels = tag_word(data, DCM_Rows, 0) > 0 && tag_word(data, DCM_Columns, 0) > 0;
  return header;
}

DicomHeader read_dicom_header(const std::filesystem::path& file) {
  auto header = find_dicom_header(file);
  if (!header) {
    throw Error(ErrorKind::unreadable,
                "read " + file.string() + ": expected a DICOM file, got something else");
  }
  return *std::move(header);
}

}  // namespace spine
