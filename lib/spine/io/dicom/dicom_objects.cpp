#include "spine/io/dicom/dicom_objects.h"

#include <array>
#include <ctime>
#include <string_view>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_dataset.h"
#include "spine/io/dicom/dicom_derived.h"
#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/io/dicom/dicom_tags.h"
#include "spine/util/atomic_file.h"
#include "spine/util/sha256.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

// --- Segmentation ---

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

// --- Secondary capture ---

void put_picture(DatasetWriter& data, const cv::Mat& picture) {
  cv::Mat rgb;
  cv::cvtColor(picture, rgb, cv::COLOR_BGR2RGB);
  data.word(DCM_SamplesPerPixel, 3);
  data.text(DCM_PhotometricInterpretation, "RGB");
  data.word(DCM_PlanarConfiguration, 0);
  data.word(DCM_Rows, rgb.rows);
  data.word(DCM_Columns, rgb.cols);
  data.word(DCM_BitsAllocated, 8);
  data.word(DCM_BitsStored, 8);
  data.word(DCM_HighBit, 7);
  data.word(DCM_PixelRepresentation, 0);
  data.bytes(DCM_PixelData, {rgb.datastart, rgb.dataend});
}

void save(const fs::path& file, DcmFileFormat& format) {
  write_file_atomically(file, serialise(format, EXS_LittleEndianExplicit));
}

}  // namespace

void write_dicom_seg(const fs::path& file, const MaskStack& masks, const DicomOrigin& film) {
  prepare_dicom_libraries();
  const DicomOrigin origin = with_uids(film);
  const DicomSource& source = origin.source;
  DcmFileFormat format;
  DatasetWriter data(*format.getDataset());
  put_common(data, origin,
             {UID_SegmentationStorage, "SEG", "Segmentation", "DERIVED\\PRIMARY", 1001});
  data.text(DCM_ContentLabel, "SPINE");
  data.text(DCM_ContentDescription, "Lumbar vertebrae, sacrum and femoral heads");
  data.text(DCM_ContentCreatorName, "spine^toolkit");
  data.word(DCM_SamplesPerPixel, 1);
  data.text(DCM_PhotometricInterpretation, "MONOCHROME2");
  data.text(DCM_NumberOfFrames, std::to_string(kStructureCount));
  data.word(DCM_Rows, masks.size().height);
  data.word(DCM_Columns, masks.size().width);
  data.word(DCM_BitsAllocated, 1);
  data.word(DCM_BitsStored, 1);
  data.word(DCM_HighBit, 0);
  data.word(DCM_PixelRepresentation, 0);
  data.text(DCM_LossyImageCompression, "00");
  data.text(DCM_SegmentationType, "BINARY");
  data.text(DCM_SegmentsOverlap, "YES");
  put_film_reference(data, source);
  put_dimensions(data, derived_uid(origin, "dimensions"));
  put_derivation(data, source);
  for (const Structure structure : kStructures) {
    put_segment(data, structure);
    put_frame(data, index(structure));
  }
  data.bytes(DCM_PixelData, packed(masks));
  save(file, format);
}

MaskStack read_dicom_seg(const fs::path& file) {
  prepare_dicom_libraries();
  const auto fail = [&](ErrorKind kind, const std::string& what) {
    throw Error(kind, "read " + file.string() + ": " + what);
  };
  const std::string file_bytes = read_file(file);
  const DicomFile dicom = parse_dicom(file_bytes, file);
  DcmDataset& data = *dicom.data;
  const int rows = tag_word(data, DCM_Rows, 0), columns = tag_word(data, DCM_Columns, 0);
  const bool ours = tag_text(data, DCM_SOPClassUID) == UID_SegmentationStorage &&
                    tag_text(data, DCM_SegmentationType) == "BINARY" &&
                    tag_text(data, DCM_NumberOfFrames) == std::to_string(kStructureCount);
  if (!ours || rows == 0 || columns == 0) {
    fail(ErrorKind::unsupported, "expected a segmentation of eight binary frames");
  }
  const std::string_view bytes =
      dicom.bytes.substr(static_cast<std::size_t>(dicom.layout.pixels.at),
                         static_cast<std::size_t>(dicom.layout.pixels.size));
  const std::size_t pixels = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  if (bytes.size() < (pixels * kStructureCount + 7) / 8) {
    fail(ErrorKind::unreadable, "expected eight whole frames");
  }
  MaskStack masks({columns, rows});
  std::size_t bit = 0;
  for (const Structure structure : kStructures) {
    cv::Mat mask(rows, columns, CV_8UC1);
    for (int y = 0; y < rows; ++y) {
      auto* row = mask.ptr<std::uint8_t>(y);
      for (int x = 0; x < columns; ++x, ++bit) {
        row[x] = (static_cast<unsigned char>(bytes[bit / 8]) >> bit % 8 & 1U) != 0 ? 255 : 0;
      }
    }
    masks.set(structure, mask);
  }
  return masks;
}

void write_dicom_sc(const fs::path& file, const cv::Mat& picture, const DicomOrigin& film) {
  prepare_dicom_libraries();
  const DicomOrigin origin = with_uids(film);
  DcmFileFormat format;
  DatasetWriter data(*format.getDataset());
  put_common(data, origin,
             {UID_SecondaryCaptureImageStorage, "OT", "Overlay", "DERIVED\\SECONDARY", 1003});
  data.text(DCM_Laterality, "");
  data.text(DCM_ConversionType, "WSD");
  data.text(DCM_DerivationDescription, "Contours, endplates and angles drawn on the film");
  DatasetWriter image = data.item(DCM_SourceImageSequence);
  image.text(DCM_ReferencedSOPClassUID, origin.source.sop_class);
  image.text(DCM_ReferencedSOPInstanceUID, origin.source.sop_uid);
  put_picture(data, picture);
  save(file, format);
}

}  // namespace spine
