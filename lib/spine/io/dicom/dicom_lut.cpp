#include "spine/io/dicom/dicom_lut.h"

#include <algorithm>
#include <array>

#include <dcmtk/dcmdata/dcuid.h>

namespace spine {
namespace {

std::optional<LookupTable> table_in_sequence(DcmItem& data, const DcmTagKey& sequence,
                                             bool is_signed) {
  DcmItem* item = nullptr;
  if (data.findAndGetSequenceItem(sequence, item, 0).bad() || item == nullptr) return std::nullopt;
  return lookup_table(*item, DCM_LUTDescriptor, DCM_LUTData, is_signed);
}

void note_unusable(DcmItem& data, const DcmTagKey& sequence, const char* what,
                   std::vector<std::string>& notes) {
  DcmItem* item = nullptr;
  if (data.findAndGetSequenceItem(sequence, item, 0).bad() || item == nullptr) return;
  if (tag_numbers(*item, DCM_LUTDescriptor).empty()) return;
  notes.emplace_back(std::string("the file's ") + what + " is broken and was ignored");
}

std::optional<Window> first_window(DcmItem& data, std::vector<std::string>& notes) {
  const auto centers = tag_numbers(data, DCM_WindowCenter);
  const auto widths = tag_numbers(data, DCM_WindowWidth);
  if (centers.empty() || widths.empty()) return std::nullopt;
  if (!centers[0] || !widths[0]) {
    notes.emplace_back("the file's window is not a valid number and was ignored");
    return std::nullopt;
  }
  Window window{*centers[0], *widths[0], WindowFunction::linear};
  const std::string function = tag_text(data, DCM_VOILUTFunction);
  if (function == "SIGMOID") window.function = WindowFunction::sigmoid;
  if (function == "LINEAR_EXACT") window.function = WindowFunction::linear_exact;
  const double least = window.function == WindowFunction::linear ? 1 : 0;
  const bool valid = least > 0 ? window.width >= least : window.width > 0;
  if (!valid) {
    notes.emplace_back("the file's window has no valid width and was ignored");
    return std::nullopt;
  }
  return window;
}

/// Padding is given as a word like the pixels, with the tag's sign or without.
std::optional<std::pair<int, int>> padding_range(DcmItem& data, const StoredFormat& format) {
  const auto value_of = [&](const DcmTagKey& key) -> std::optional<int> {
    const auto value = tag_integer(data, key);
    return value && format.is_signed && *value > 32767 ? *value - 65536 : value;
  };
  const auto one = value_of(DCM_PixelPaddingValue);
  if (!one) return std::nullopt;
  const int other = value_of(DCM_PixelPaddingRangeLimit).value_or(*one);
  return std::pair(std::min(*one, other), std::max(*one, other));
}

/// Whether the Modality LUT module is not meant for display: in angiographic and fluoroscopic
/// images it maps back to X-ray intensities (PS3.3 C.8.7.1.1.2, PS3.4 N.2.1.2).
bool keeps_stored_values(DcmItem& data) {
  const std::array<std::string, 5> classes{UID_XRayAngiographicImageStorage,
                                           UID_XRayRadiofluoroscopicImageStorage,
                                           UID_RETIRED_XRayAngiographicBiPlaneImageStorage,
                                           UID_EnhancedXAImageStorage, UID_EnhancedXRFImageStorage};
  return std::find(classes.begin(), classes.end(), tag_text(data, DCM_SOPClassUID)) !=
         classes.end();
}

void read_modality(DcmItem& data, GreyPipeline& pipeline, std::vector<std::string>& notes) {
  const bool is_signed = pipeline.format.is_signed;
  pipeline.modality_lut = table_in_sequence(data, DCM_ModalityLUTSequence, is_signed);
  if (pipeline.modality_lut) return;
  note_unusable(data, DCM_ModalityLUTSequence, "modality LUT", notes);
  const auto slopes = tag_numbers(data, DCM_RescaleSlope);
  const auto intercepts = tag_numbers(data, DCM_RescaleIntercept);
  const bool broken = (!slopes.empty() && !slopes[0]) || (!intercepts.empty() && !intercepts[0]);
  if (broken) {
    notes.emplace_back("the file's rescale values are not valid numbers and were ignored");
    return;
  }
  if (!slopes.empty()) pipeline.slope = *slopes[0];
  if (!intercepts.empty()) pipeline.intercept = *intercepts[0];
  if (pipeline.slope == 0) {
    notes.emplace_back("the file's rescale slope is 0 and was replaced by 1");
    pipeline.slope = 1;
  }
}

}  // namespace

std::optional<LookupTable> lookup_table(DcmItem& item, const DcmTagKey& descriptor,
                                        const DcmTagKey& data, bool is_signed) {
  std::array<int, 3> facts{};
  for (unsigned long i = 0; i < 3; ++i) {
    const auto fact = tag_integer(item, descriptor, i);
    if (!fact) return std::nullopt;
    facts[i] = *fact;
  }
  const int stored = facts[0] & 0xFFFF;  // 65536 does not fit and is written as 0
  const std::size_t entries = stored == 0 ? 65536 : static_cast<std::size_t>(stored);
  LookupTable table;
  table.first = is_signed && facts[1] > 32767 ? facts[1] - 65536 : facts[1];
  table.bits = std::clamp(facts[2], 8, 16);
  const std::string bytes = tag_bytes(item, data);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() >= 2 * entries) {
    for (std::size_t i = 0; i < entries; ++i) {
      table.data.push_back(static_cast<std::uint16_t>(byte(2 * i) | byte(2 * i + 1) << 8U));
    }
    return table;
  }
  // One byte per entry, in order: within words, the first is the low byte.
  if (bytes.size() != entries && bytes.size() != entries + entries % 2) return std::nullopt;
  table.bits = 8;
  for (std::size_t i = 0; i < entries; ++i) table.data.push_back(byte(i));
  return table;
}

GreyPipeline grey_pipeline(DcmItem& data, const StoredFormat& format,
                           const std::string& photometric, std::vector<std::string>& notes) {
  GreyPipeline pipeline;
  pipeline.format = format;
  if (!keeps_stored_values(data)) read_modality(data, pipeline, notes);
  const bool may_be_negative =
      !pipeline.modality_lut && (format.is_signed || pipeline.intercept < 0);
  pipeline.voi_lut = table_in_sequence(data, DCM_VOILUTSequence, may_be_negative);
  if (!pipeline.voi_lut) note_unusable(data, DCM_VOILUTSequence, "VOI LUT", notes);
  std::vector<std::string> of_window;
  pipeline.window = first_window(data, of_window);
  // A table takes precedence over the window: an invalid window is noted only without a table.
  if (!pipeline.voi_lut) notes.insert(notes.end(), of_window.begin(), of_window.end());
  pipeline.padding = padding_range(data, format);
  // A DX image states it twice: MONOCHROME1 implies the shape INVERSE.
  pipeline.inverse =
      photometric == "MONOCHROME1" || tag_text(data, DCM_PresentationLUTShape) == "INVERSE";
  return pipeline;
}

}  // namespace spine
