#include "spine/io/dicom/dicom_objects.h"

#include <array>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/io/dicom/dicom_dataset.h"
#include "spine/io/dicom/dicom_derived.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/util/atomic_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

struct Code {
  const char* value;
  const char* meaning;
};

/// SNOMED CT codes of CID 7603 (vertebrae) and CID 7304 (head of femur).
constexpr std::array<Code, kStructureCount> kAnatomy{{{"66794005", "L1 vertebra"},
                                                      {"14293000", "L2 vertebra"},
                                                      {"36470004", "L3 vertebra"},
                                                      {"11994002", "L4 vertebra"},
                                                      {"49668003", "L5 vertebra"},
                                                      {"54735007", "Sacrum"},
                                                      {"2812003", "Head of Femur"},
                                                      {"2812003", "Head of Femur"}}};

constexpr std::array<const char*, kStructureCount> kDescriptions{
    "Vertebral body of L1",
    "Vertebral body of L2",
    "Vertebral body of L3",
    "Vertebral body of L4",
    "Vertebral body of L5",
    "Bodies of S1 to S5",
    "Femoral head, the more anterior one on the film",
    "Femoral head, the more posterior one on the film"};

void put_segment(DatasetWriter& data, Structure structure) {
  const std::size_t i = index(structure);
  DatasetWriter segment = data.item(DCM_SegmentSequence);
  segment.word(DCM_SegmentNumber, static_cast<int>(i) + 1);
  segment.text(DCM_SegmentLabel, std::string(to_string(structure)));
  segment.text(DCM_SegmentDescription, kDescriptions[i]);
  segment.text(DCM_SegmentAlgorithmType, "AUTOMATIC");
  segment.text(DCM_SegmentAlgorithmName, "spine");
  segment.code(DCM_SegmentedPropertyCategoryCodeSequence, "123037004", "SCT",
               "Anatomical Structure");
  segment.code(DCM_SegmentedPropertyTypeCodeSequence, kAnatomy[i].value, "SCT",
               kAnatomy[i].meaning);
}

void put_dimensions(DatasetWriter& data, const std::string& organization) {
  data.item(DCM_DimensionOrganizationSequence).text(DCM_DimensionOrganizationUID, organization);
  DatasetWriter dimension = data.item(DCM_DimensionIndexSequence);
  dimension.text(DCM_DimensionOrganizationUID, organization);
  dimension.pointer(DCM_DimensionIndexPointer, DCM_ReferencedSegmentNumber);
  dimension.pointer(DCM_FunctionalGroupPointer, DCM_SegmentIdentificationSequence);
  dimension.text(DCM_DimensionDescriptionLabel, "Segment");
}

void put_frame(DatasetWriter& data, std::size_t i) {
  DatasetWriter frame = data.item(DCM_PerFrameFunctionalGroupsSequence);
  frame.item(DCM_FrameContentSequence)
      .number(DCM_DimensionIndexValues, static_cast<std::uint32_t>(i) + 1);
  frame.item(DCM_SegmentIdentificationSequence)
      .word(DCM_ReferencedSegmentNumber, static_cast<int>(i) + 1);
}

void put_derivation(DatasetWriter& data, const DicomSource& source) {
  DatasetWriter shared = data.item(DCM_SharedFunctionalGroupsSequence);
  DatasetWriter derivation = shared.item(DCM_DerivationImageSequence);
  derivation.code(DCM_DerivationCodeSequence, "113076", "DCM", "Segmentation");
  DatasetWriter image = derivation.item(DCM_SourceImageSequence);
  image.text(DCM_ReferencedSOPClassUID, source.sop_class);
  image.text(DCM_ReferencedSOPInstanceUID, source.sop_uid);
  image.text(DCM_SpatialLocationsPreserved, "YES");
  image.code(DCM_PurposeOfReferenceCodeSequence, "121322", "DCM",
             "Source image for image processing operation");
}

/// One bit per pixel, the first in the lowest bit, frames concatenated without gaps (PS3.5 8.1.1).
std::vector<std::uint8_t> packed(const MaskStack& masks) {
  const auto pixels = static_cast<std::size_t>(masks.size().area());
  std::vector<std::uint8_t> bytes((pixels * kStructureCount + 7) / 8, 0);
  std::size_t bit = 0;
  for (const Structure structure : kStructures) {
    const cv::Mat& mask = masks[structure];
    for (int y = 0; y < mask.rows; ++y) {
      const auto* row = mask.ptr<std::uint8_t>(y);
      for (int x = 0; x < mask.cols; ++x, ++bit) {
        if (row[x] != 0) bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | 1U << bit % 8);
      }
    }
  }
  return bytes;
}

/// What the pixels of an object are (PS3.3 C.7.6.3), without the pixels.
void put_pixel_layout(DatasetWriter& data, cv::Size size, const char* photometric, int samples,
                      int bits) {
  data.word(DCM_SamplesPerPixel, samples);
  data.text(DCM_PhotometricInterpretation, photometric);
  data.word(DCM_Rows, size.height);
  data.word(DCM_Columns, size.width);
  data.word(DCM_BitsAllocated, bits);
  data.word(DCM_BitsStored, bits);
  data.word(DCM_HighBit, bits - 1);
  data.word(DCM_PixelRepresentation, 0);
}

/// Writes an object derived from a film: the attributes common to all, then those that `fill(data,
/// origin)` adds; `origin` has all UIDs.
template <typename Fill>
void write_derived(const fs::path& file, const DicomOrigin& film, const DerivedKind& kind,
                   Fill&& fill) {
  prepare_dicom_libraries();
  const DicomOrigin origin = with_uids(film);
  DcmFileFormat format;
  DatasetWriter data(*format.getDataset());
  put_common(data, origin, kind);
  fill(data, origin);
  write_file_atomically(file, serialise(format, EXS_LittleEndianExplicit));
}

}  // namespace

void write_dicom_seg(const fs::path& file, const MaskStack& masks, const DicomOrigin& film) {
  const DerivedKind kind{UID_SegmentationStorage, "SEG", "Segmentation", "DERIVED\\PRIMARY", 1001};
  write_derived(file, film, kind, [&](DatasetWriter& data, const DicomOrigin& origin) {
    data.text(DCM_ContentLabel, "SPINE");
    data.text(DCM_ContentDescription, "Lumbar vertebrae, sacrum and femoral heads");
    data.text(DCM_ContentCreatorName, "spine^toolkit");
    put_pixel_layout(data, masks.size(), "MONOCHROME2", 1, 1);
    data.text(DCM_NumberOfFrames, std::to_string(kStructureCount));
    data.text(DCM_LossyImageCompression, "00");
    data.text(DCM_SegmentationType, "BINARY");
    data.text(DCM_SegmentsOverlap, "YES");
    put_film_reference(data, origin.source);
    put_dimensions(data, derived_uid(origin, "dimensions"));
    put_derivation(data, origin.source);
    for (const Structure structure : kStructures) {
      put_segment(data, structure);
      put_frame(data, index(structure));
    }
    data.bytes(DCM_PixelData, packed(masks));
  });
}

void write_dicom_sc(const fs::path& file, const cv::Mat& picture, const DicomOrigin& film) {
  const DerivedKind kind{UID_SecondaryCaptureImageStorage, "OT", "Overlay", "DERIVED\\SECONDARY",
                         1003};
  write_derived(file, film, kind, [&](DatasetWriter& data, const DicomOrigin& origin) {
    data.text(DCM_Laterality, "");
    data.text(DCM_ConversionType, "WSD");
    data.text(DCM_DerivationDescription, "Contours, endplates and angles drawn on the film");
    DatasetWriter image = data.item(DCM_SourceImageSequence);
    image.text(DCM_ReferencedSOPClassUID, origin.source.sop_class);
    image.text(DCM_ReferencedSOPInstanceUID, origin.source.sop_uid);
    cv::Mat rgb;
    cv::cvtColor(picture, rgb, cv::COLOR_BGR2RGB);
    put_pixel_layout(data, rgb.size(), "RGB", 3, 8);
    data.word(DCM_PlanarConfiguration, 0);
    data.bytes(DCM_PixelData, {rgb.datastart, rgb.dataend});
  });
}

}  // namespace spine
