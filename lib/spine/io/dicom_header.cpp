#include "spine/io/dicom_header.h"

#include <algorithm>
#include <cctype>

#include "spine/core/error.h"
#include "spine/io/dicom_file.h"
#include "spine/io/dicom_tags.h"

namespace spine {
namespace {

/// Letters and digits that stand together, lower case.
void add_words(const std::string& sentence, std::vector<std::string>& words) {
  std::string word;
  for (const char c : sentence + " ") {
    const auto byte = static_cast<unsigned char>(c);
    // Bytes beyond ASCII belong to words of other languages.
    if (std::isalnum(byte) != 0 || byte >= 0x80) {
      word += static_cast<char>(std::tolower(byte));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
}

std::vector<std::string> described(DcmItem& data) {
  std::vector<std::string> words;
  for (const auto& key : {DCM_SeriesDescription, DCM_StudyDescription, DCM_ProtocolName,
                          DCM_RequestedProcedureDescription, DCM_PerformedProcedureStepDescription,
                          DCM_AcquisitionDeviceProcessingDescription}) {
    add_words(tag_text(data, key), words);
  }
  for (const auto& key : {DCM_ViewCodeSequence, DCM_AnatomicRegionSequence}) {
    DcmItem* item = nullptr;
    if (data.findAndGetSequenceItem(key, item, 0).good() && item != nullptr) {
      add_words(tag_text(*item, DCM_CodeMeaning), words);
    }
  }
  return words;
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
  header.series_uid = tag_text(data, DCM_SeriesInstanceUID);
  header.sop_uid = tag_text(data, DCM_SOPInstanceUID);
  header.modality = tag_text(data, DCM_Modality);
  header.body_part = tag_text(data, DCM_BodyPartExamined);
  header.view = tag_text(data, DCM_ViewPosition);
  header.orientation = tag_texts(data, DCM_PatientOrientation);
  header.words = described(data);
  header.frames = std::max(1, tag_integer(data, DCM_NumberOfFrames).value_or(1));
  // Reading stopped where the pixels begin; a data set that ends before has none.
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
