#pragma once
#include <cmath>
#include <filesystem>
#include <functional>

#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcuid.h>

#include "spine/core/image.h"
#include "spine/io/dicom/dicom_runtime.h"

// DICOM films for tests, written by DCMTK and edited by the test.

namespace spine::test {

/// 12-bit pixels of full range and odd size.
inline cv::Mat deep_film() {
  cv::Mat deep;
  toy_film({201, 303}).convertTo(deep, CV_16U, 16);
  return deep;
}

/// UIDs and modality of a DX image.
inline void put_identity(DcmDataset& d) {
  d.putAndInsertString(DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  d.putAndInsertString(DCM_SOPInstanceUID, "1.2.3.4");
  d.putAndInsertString(DCM_StudyInstanceUID, "1.2.3");
  d.putAndInsertString(DCM_SeriesInstanceUID, "1.2.3.3");
  d.putAndInsertString(DCM_Modality, "DX");
}

using Edit = std::function<void(DcmDataset&)>;

/// A DX image, 12 bits in 16, edited by the test.
inline std::filesystem::path dicom(const TempDir& dir, const Edit& edit,
                                   E_TransferSyntax syntax = EXS_LittleEndianExplicit,
                                   E_FileWriteMode mode = EWM_fileformat,
                                   const cv::Mat& pixels = deep_film()) {
  prepare_dicom_libraries();
  DcmFileFormat format;
  DcmDataset& d = *format.getDataset();
  put_identity(d);
  d.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME2");
  d.putAndInsertUint16(DCM_SamplesPerPixel, 1);
  d.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(pixels.rows));
  d.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(pixels.cols));
  d.putAndInsertUint16(DCM_BitsAllocated, 16);
  d.putAndInsertUint16(DCM_BitsStored, 12);
  d.putAndInsertUint16(DCM_HighBit, 11);
  d.putAndInsertUint16(DCM_PixelRepresentation, 0);
  d.putAndInsertString(DCM_WindowCenter, "2048");
  d.putAndInsertString(DCM_WindowWidth, "4096");
  d.putAndInsertUint16Array(DCM_PixelData, pixels.ptr<Uint16>(),
                            static_cast<unsigned long>(pixels.total()));
  edit(d);
  const std::filesystem::path file = dir / "a.dcm";
  const auto saved = format.saveFile(OFFilename(file.c_str()), syntax, EET_ExplicitLength,
                                     EGL_recalcGL, EPD_noChange, 0, 0, mode);
  REQUIRE(saved.good());
  return file;
}

inline std::filesystem::path dicom(const TempDir& dir) {
  return dicom(dir, [](DcmDataset&) {});
}

/// Expected display values: a function of the modality value to [0, 1].
inline cv::Mat expected(const std::function<double(double)>& level,
                        const cv::Mat& pixels = deep_film()) {
  cv::Mat out(pixels.size(), CV_16UC1);
  for (int y = 0; y < pixels.rows; ++y) {
    for (int x = 0; x < pixels.cols; ++x) {
      const double v = std::clamp(level(pixels.at<std::uint16_t>(y, x)), 0.0, 1.0);
      out.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(std::lround(65535 * v));
    }
  }
  return out;
}

inline double full_window(double v) { return v / 4095; }

inline int difference(const cv::Mat& a, const cv::Mat& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(a.type() == b.type());
  return static_cast<int>(cv::norm(a, b, cv::NORM_INF));
}

inline bool has_note(const Image& film, const std::string& part) {
  const auto& notes = film.info().notes;
  return std::any_of(notes.begin(), notes.end(),
                     [&](const auto& n) { return spine::test::contains(n, part); });
}

/// A LUT sequence item with entries of 16 bits.
inline void add_lut(DcmDataset& d, const DcmTagKey& sequence, int first, int bits,
                    const std::vector<Uint16>& entries) {
  DcmItem* item = nullptr;
  REQUIRE(d.findOrCreateSequenceItem(sequence, item, 0).good());
  const std::vector<Uint16> descriptor{static_cast<Uint16>(entries.size()),
                                       static_cast<Uint16>(first), static_cast<Uint16>(bits)};
  DcmElement* element = new DcmUnsignedShort(DcmTag(DCM_LUTDescriptor, EVR_US));
  element->putUint16Array(descriptor.data(), 3);
  REQUIRE(item->insert(element).good());
  element = new DcmUnsignedShort(DcmTag(DCM_LUTData, EVR_US));
  element->putUint16Array(entries.data(), static_cast<unsigned long>(entries.size()));
  REQUIRE(item->insert(element).good());
}

}  // namespace spine::test
