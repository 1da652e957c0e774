#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_dataset.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/dicom/dicom_runtime.h"
#include "spine/io/dicom/dicom_uid.h"
#include "spine/util/atomic_file.h"
#include "spine/util/sha256.h"

namespace spine {
namespace {

/// A UID determined by the name.
std::string uid_of(const std::string& name) { return uid_from_hash(sha256_of_text(name)); }

DicomUids uids_from(const std::string& study) {
  return {uid_of(study + "/study"), uid_of(study + "/series"), uid_of(study + "/image")};
}

std::string decimal_strings(const Spacing& spacing) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.6f\\%.6f", spacing.row_mm, spacing.col_mm);
  return text.data();
}

void put_pixels(DatasetWriter& data, const cv::Mat& image) {
  if (image.depth() == CV_16U) {
    data.words(DCM_PixelData, image.ptr<std::uint16_t>(), image.total());
  } else {
    data.bytes(DCM_PixelData,
               {image.ptr<std::uint8_t>(), image.ptr<std::uint8_t>() + image.total()});
  }
}

void put_identity(DatasetWriter& data, const DicomWriteOptions& options) {
  const bool is_dx = options.modality == "DX";
  const DicomUids uids = options.uids ? *options.uids : uids_from(options.study);
  data.text(DCM_SOPClassUID, is_dx ? UID_DigitalXRayImageStorageForPresentation
                                   : UID_ComputedRadiographyImageStorage);
  data.text(DCM_SOPInstanceUID, uids.instance);
  data.text(DCM_StudyInstanceUID, uids.study);
  data.text(DCM_SeriesInstanceUID, uids.series);
  data.text(DCM_PatientName, options.patient_name);
  data.text(DCM_PatientID, options.patient_id);
  data.text(DCM_StudyID, options.study);
  data.text(DCM_Modality, options.modality);
  if (is_dx) data.text(DCM_PresentationIntentType, "FOR PRESENTATION");
  data.text(DCM_Manufacturer, options.manufacturer);
  data.text(DCM_BodyPartExamined, "LSPINE");
  data.text(DCM_ViewPosition, "LL");
  data.text(DCM_SeriesNumber, "1");
  data.text(DCM_InstanceNumber, "1");
}

void put_spacing(DatasetWriter& data, const DicomWriteOptions& options) {
  if (options.imager_spacing)
    data.text(DCM_ImagerPixelSpacing, decimal_strings(*options.imager_spacing));
  if (options.magnification) {
    data.text(DCM_EstimatedRadiographicMagnificationFactor, decimal_string(*options.magnification));
  }
  if (options.calibrated_spacing) {
    data.text(DCM_PixelSpacing, decimal_strings(*options.calibrated_spacing));
    data.text(DCM_PixelSpacingCalibrationType, "GEOMETRY");
  }
}

void put_window(DatasetWriter& data, const DicomWriteOptions& options, int bits) {
  if (options.modality == "DX") {
    data.text(DCM_PixelIntensityRelationship, "LOG");
    data.text(DCM_RescaleIntercept, "0");
    data.text(DCM_RescaleSlope, "1");
    data.text(DCM_RescaleType, "US");
    data.text(DCM_PresentationLUTShape, options.monochrome1 ? "INVERSE" : "IDENTITY");
  }
  const double range = std::pow(2.0, bits);
  double center = options.window_center.value_or(range / 2);
  // The window is given for displayed values but applied before the inversion.
  if (options.monochrome1) center = range - center;
  data.text(DCM_WindowCenter, decimal_string(center));
  data.text(DCM_WindowWidth, decimal_string(options.window_width.value_or(range)));
}

void put_image(DatasetWriter& data, const cv::Mat& pixels, const DicomWriteOptions& options,
               int bits) {
  data.word(DCM_SamplesPerPixel, 1);
  data.text(DCM_PhotometricInterpretation, options.monochrome1 ? "MONOCHROME1" : "MONOCHROME2");
  data.word(DCM_Rows, pixels.rows);
  data.word(DCM_Columns, pixels.cols);
  data.word(DCM_BitsAllocated, pixels.depth() == CV_8U ? 8 : 16);
  data.word(DCM_BitsStored, bits);
  data.word(DCM_HighBit, bits - 1);
  data.word(DCM_PixelRepresentation, 0);
  put_pixels(data, pixels);
}

void fill(DcmDataset& target, const cv::Mat& pixels, const DicomWriteOptions& options, int bits) {
  DatasetWriter data(target);
  put_identity(data, options);
  put_spacing(data, options);
  put_window(data, options, bits);
  put_image(data, pixels, options, bits);
  if (options.compression == DicomCompression::jpeg_2000) {
    // GDCM fills in the time of writing where they are absent.
    data.text(DCM_StudyDate, "");
    data.text(DCM_StudyTime, "");
  }
}

E_TransferSyntax syntax_of(DicomCompression compression) {
  switch (compression) {
    case DicomCompression::rle:
      return EXS_RLELossless;
    case DicomCompression::jpeg_lossless:
      return EXS_JPEGProcess14SV1;
    case DicomCompression::jpeg_ls:
      return EXS_JPEGLSLossless;
    case DicomCompression::none:
    case DicomCompression::jpeg_2000:
      break;  // compressed by GDCM afterwards
  }
  return EXS_LittleEndianExplicit;
}

/// Zeroes the padding byte after a JPEG-LS stream of odd length, which DCMTK 3.6.7 leaves
/// uninitialised and some decoders reject.
void clear_padding(DcmDataset& data, const DJLSRepresentationParameter& parameter) {
  DcmElement* element = nullptr;
  DcmPixelSequence* sequence = nullptr;
  if (data.findAndGetElement(DCM_PixelData, element).bad()) return;
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  if (pixels == nullptr ||
      pixels->getEncapsulatedRepresentation(EXS_JPEGLSLossless, &parameter, sequence).bad()) {
    return;
  }
  for (unsigned long i = 1; i < sequence->card(); ++i) {  // 0: the offset table
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (sequence->getItem(item, i).bad() || item->getUint8Array(bytes).bad()) continue;
    const Uint32 n = item->getLength();
    if (n >= 3 && bytes[n - 3] == 0xFF && bytes[n - 2] == 0xD9) bytes[n - 1] = 0;
  }
}

void compress(DcmDataset& data, DicomCompression compression) {
  const E_TransferSyntax syntax = syntax_of(compression);
  if (syntax == EXS_LittleEndianExplicit) return;
  const DJ_RPLossless jpeg;
  const DJLSRepresentationParameter jpeg_ls(2, OFTrue);
  const DcmRepresentationParameter* parameter = nullptr;
  if (compression == DicomCompression::jpeg_lossless) parameter = &jpeg;
  if (compression == DicomCompression::jpeg_ls) parameter = &jpeg_ls;
  const OFCondition done = data.chooseRepresentation(syntax, parameter);
  if (done.bad() || !data.canWriteXfer(syntax)) refuse_dicom(done.text());
  if (compression == DicomCompression::jpeg_ls) clear_padding(data, jpeg_ls);
}

std::string to_jpeg_2000(const std::string& bytes) {
  std::istringstream in(bytes);
  gdcm::ImageReader reader;
  reader.SetStream(in);
  if (!reader.Read()) refuse_dicom("GDCM cannot read what DCMTK wrote");
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(gdcm::TransferSyntax::JPEG2000Lossless);
  change.SetInput(reader.GetImage());
  if (!change.Change()) refuse_dicom("JPEG 2000 compression failed");
  std::ostringstream out;
  gdcm::ImageWriter writer;
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  writer.SetStream(out);
  if (!writer.Write()) refuse_dicom("JPEG 2000 file could not be put together");
  return out.str();
}

}  // namespace

void write_dicom(const std::filesystem::path& file, const cv::Mat& pixels,
                 const DicomWriteOptions& options) {
  if (pixels.empty() || (pixels.type() != CV_8UC1 && pixels.type() != CV_16UC1)) {
    refuse_dicom("expected grey pixels of 8 or 16 bits, got " + cv::typeToString(pixels.type()));
  }
  if (pixels.rows > 65535 || pixels.cols > 65535) refuse_dicom("more than 65,535 rows or columns");
  const int depth = pixels.depth() == CV_8U ? 8 : 16;
  const int bits = options.bits_stored > 0 ? options.bits_stored : depth;
  double largest = 0;
  cv::minMaxLoc(pixels, nullptr, &largest);
  const double limit = std::pow(2.0, bits) - 1;
  if (bits > depth || largest > limit) {
    refuse_dicom("expected values up to " + std::to_string(static_cast<int>(limit)) + ", got " +
                 std::to_string(static_cast<int>(largest)));
  }
  prepare_dicom_libraries();
  cv::Mat stored = pixels.clone();
  if (options.monochrome1) cv::subtract(cv::Scalar(limit), pixels, stored);

  DcmFileFormat format;
  fill(*format.getDataset(), stored, options, bits);
  compress(*format.getDataset(), options.compression);
  std::string bytes = serialise(format, syntax_of(options.compression));
  if (options.compression == DicomCompression::jpeg_2000) bytes = to_jpeg_2000(bytes);
  write_file_atomically(file, bytes);
}

}  // namespace spine
