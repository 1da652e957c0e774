#include <cmath>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
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
#include "spine/io/atomic_file.h"
#include "spine/io/dicom_io.h"
#include "spine/io/dicom_runtime.h"

namespace spine {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorKind::internal, "write DICOM: " + what);
}

/// A UID from a name ("2.25." and an integer, PS3.5 B.2), by the FNV-1a hash: the same name gives
/// the same UID.
std::string uid_of(const std::string& name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return "2.25." + std::to_string(hash);
}

/// A decimal string of at most 16 characters (VR DS).
std::string decimal(double value) {
  for (int digits = 12; digits > 1; --digits) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::setprecision(digits) << value;
    if (out.str().size() <= 16) return out.str();
  }
  refuse("number " + std::to_string(value) + " does not fit a decimal string");
}

std::string decimal(const Spacing& spacing) {
  return decimal(spacing.row_mm) + "\\" + decimal(spacing.col_mm);
}

class Dataset {
 public:
  explicit Dataset(DcmDataset& data) : data_(data) {}
  void text(const DcmTag& tag, const std::string& value) {
    check(data_.putAndInsertString(tag, value.c_str()));
  }
  void word(const DcmTag& tag, int value) {
    check(data_.putAndInsertUint16(tag, static_cast<Uint16>(value)));
  }
  void pixels(const cv::Mat& image) {
    const auto count = static_cast<unsigned long>(image.total());
    if (image.depth() == CV_16U) {
      check(data_.putAndInsertUint16Array(DCM_PixelData, image.ptr<Uint16>(), count));
      return;
    }
    std::vector<Uint8> bytes(image.ptr<Uint8>(), image.ptr<Uint8>() + image.total());
    if (bytes.size() % 2 != 0) bytes.push_back(0);
    check(data_.putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size()));
  }

 private:
  static void check(const OFCondition& condition) {
    if (condition.bad()) refuse(condition.text());
  }
  DcmDataset& data_;
};

void fill(DcmDataset& target, const cv::Mat& pixels, const DicomWriteOptions& options, int bits) {
  Dataset data(target);
  const bool is_dx = options.modality == "DX";
  data.text(DCM_SpecificCharacterSet, "ISO_IR 192");
  data.text(DCM_ImageType, "DERIVED\\PRIMARY");
  data.text(DCM_SOPClassUID, is_dx ? UID_DigitalXRayImageStorageForPresentation
                                   : UID_ComputedRadiographyImageStorage);
  data.text(DCM_SOPInstanceUID, uid_of(options.study + "/image"));
  data.text(DCM_StudyDate, "");
  data.text(DCM_StudyTime, "");
  data.text(DCM_AccessionNumber, "");
  data.text(DCM_Modality, options.modality);
  if (is_dx) data.text(DCM_PresentationIntentType, "FOR PRESENTATION");
  data.text(DCM_Manufacturer, "");
  data.text(DCM_ReferringPhysicianName, "");
  data.text(DCM_PatientName, options.patient_name);
  data.text(DCM_PatientID, options.patient_id);
  data.text(DCM_PatientBirthDate, "");
  data.text(DCM_PatientSex, "");
  data.text(DCM_BodyPartExamined, "LSPINE");
  data.text(DCM_ViewPosition, "LL");
  if (options.imager_spacing) data.text(DCM_ImagerPixelSpacing, decimal(*options.imager_spacing));
  if (options.magnification) {
    data.text(DCM_EstimatedRadiographicMagnificationFactor, decimal(*options.magnification));
  }
  data.text(DCM_StudyInstanceUID, uid_of(options.study + "/study"));
  data.text(DCM_SeriesInstanceUID, uid_of(options.study + "/series"));
  data.text(DCM_StudyID, "");
  data.text(DCM_SeriesNumber, "1");
  data.text(DCM_InstanceNumber, "1");
  data.word(DCM_SamplesPerPixel, 1);
  data.text(DCM_PhotometricInterpretation, options.monochrome1 ? "MONOCHROME1" : "MONOCHROME2");
  data.word(DCM_Rows, pixels.rows);
  data.word(DCM_Columns, pixels.cols);
  if (options.calibrated_spacing) {
    data.text(DCM_PixelSpacing, decimal(*options.calibrated_spacing));
    data.text(DCM_PixelSpacingCalibrationType, "GEOMETRY");
  }
  data.word(DCM_BitsAllocated, pixels.depth() == CV_8U ? 8 : 16);
  data.word(DCM_BitsStored, bits);
  data.word(DCM_HighBit, bits - 1);
  data.word(DCM_PixelRepresentation, 0);
  if (is_dx) {
    data.text(DCM_RescaleIntercept, "0");
    data.text(DCM_RescaleSlope, "1");
    data.text(DCM_RescaleType, "US");
    data.text(DCM_PresentationLUTShape, options.monochrome1 ? "INVERSE" : "IDENTITY");
  }
  const double range = std::pow(2.0, bits);
  double center = options.window_center.value_or(range / 2);
  // The window is given as the film is shown, but is applied before the inversion.
  if (options.monochrome1) center = range - center;
  data.text(DCM_WindowCenter, decimal(center));
  data.text(DCM_WindowWidth, decimal(options.window_width.value_or(range)));
  data.pixels(pixels);
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
      break;  // GDCM compresses afterwards
  }
  return EXS_LittleEndianExplicit;
}

/// Zeroes the byte behind the end of a JPEG-LS stream of odd length, which DCMTK 3.6.7 leaves unset
/// and some decoders then stumble over.
void clear_padding(DcmDataset& data, const DJLSRepresentationParameter& parameter) {
  DcmElement* element = nullptr;
  DcmPixelSequence* sequence = nullptr;
  if (data.findAndGetElement(DCM_PixelData, element).bad()) return;
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  if (pixels == nullptr ||
      pixels->getEncapsulatedRepresentation(EXS_JPEGLSLossless, &parameter, sequence).bad()) {
    return;
  }
  for (unsigned long i = 1; i < sequence->card(); ++i) {  // 0: the table of offsets
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
  if (done.bad() || !data.canWriteXfer(syntax)) refuse(done.text());
  if (compression == DicomCompression::jpeg_ls) clear_padding(data, jpeg_ls);
}

/// The file's bytes: written to memory so that they reach the disk in one atomic step.
std::string serialise(DcmFileFormat& format, E_TransferSyntax syntax) {
  std::vector<char> buffer(1U << 20U);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  std::string bytes;
  format.transferInit();
  OFCondition status = EC_Normal;
  do {
    status = format.write(stream, syntax, EET_ExplicitLength, nullptr);
    void* data = nullptr;
    offile_off_t length = 0;
    stream.flushBuffer(data, length);
    bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(length));
  } while (status == EC_StreamNotifyClient);
  format.transferEnd();
  if (status.bad()) refuse(status.text());
  return bytes;
}

std::string to_jpeg_2000(const std::string& bytes) {
  std::istringstream in(bytes);
  gdcm::ImageReader reader;
  reader.SetStream(in);
  if (!reader.Read()) refuse("GDCM cannot read what DCMTK wrote");
  gdcm::ImageChangeTransferSyntax change;
  change.SetTransferSyntax(gdcm::TransferSyntax::JPEG2000Lossless);
  change.SetInput(reader.GetImage());
  if (!change.Change()) refuse("JPEG 2000 compression failed");
  std::ostringstream out;
  gdcm::ImageWriter writer;
  writer.SetFile(reader.GetFile());
  writer.SetImage(change.GetOutput());
  writer.SetStream(out);
  if (!writer.Write()) refuse("JPEG 2000 file could not be put together");
  return out.str();
}

}  // namespace

void write_dicom(const std::filesystem::path& file, const cv::Mat& pixels,
                 const DicomWriteOptions& options) {
  if (pixels.empty() || (pixels.type() != CV_8UC1 && pixels.type() != CV_16UC1)) {
    refuse("expected grey pixels of 8 or 16 bits, got " + cv::typeToString(pixels.type()));
  }
  if (pixels.rows > 65535 || pixels.cols > 65535) refuse("more than 65,535 rows or columns");
  const int depth = pixels.depth() == CV_8U ? 8 : 16;
  const int bits = options.bits_stored > 0 ? options.bits_stored : depth;
  double largest = 0;
  cv::minMaxLoc(pixels, nullptr, &largest);
  const double limit = std::pow(2.0, bits) - 1;
  if (bits > depth || largest > limit) {
    refuse("expected values up to " + std::to_string(static_cast<int>(limit)) + ", got " +
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
