#include "spine/sim/dicom_film.h"

#include <cstdio>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/io/dicom/dicom_dataset.h"
#include "spine/sim/rng.h"
#include "spine/util/atomic_file.h"

namespace spine::sim {

namespace {

/// A UID under the root for random UUIDs (PS3.5 B.2), derived from the seed.
std::string uid_of(std::uint64_t seed, const char* what) {
  Rng rng = Rng(seed).split(what);
  return "2.25." + std::to_string(1 + rng.next() / 10) + std::to_string(rng.next());
}

void put(DcmDataset& data, const DcmTagKey& tag, const std::string& value) {
  data.putAndInsertString(tag, value.c_str());
}

void put_identity(DcmDataset& data, const std::string& study_id, std::uint64_t seed) {
  put(data, DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  put(data, DCM_SOPInstanceUID, uid_of(seed, "instance"));
  put(data, DCM_StudyInstanceUID, uid_of(seed, "study"));
  put(data, DCM_SeriesInstanceUID, uid_of(seed, "series"));
  put(data, DCM_PatientName, "SIMULATED^" + study_id);
  put(data, DCM_PatientID, study_id);
  put(data, DCM_StudyID, study_id);
  put(data, DCM_Modality, "DX");
  put(data, DCM_PresentationIntentType, "FOR PRESENTATION");
  put(data, DCM_Manufacturer, "spine-simulate");
  put(data, DCM_BodyPartExamined, "LSPINE");
  put(data, DCM_ViewPosition, "LL");
  put(data, DCM_SeriesNumber, "1");
  put(data, DCM_InstanceNumber, "1");
}

void put_pixels(DcmDataset& data, const Image& film) {
  cv::Mat pixels;
  film.pixels().convertTo(pixels, CV_16U, film.pixels().depth() == CV_8U ? 257.0 : 1.0);
  put(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  data.putAndInsertUint16(DCM_SamplesPerPixel, 1);
  data.putAndInsertUint16(DCM_Rows, static_cast<Uint16>(pixels.rows));
  data.putAndInsertUint16(DCM_Columns, static_cast<Uint16>(pixels.cols));
  data.putAndInsertUint16(DCM_BitsAllocated, 16);
  data.putAndInsertUint16(DCM_BitsStored, 16);
  data.putAndInsertUint16(DCM_HighBit, 15);
  data.putAndInsertUint16(DCM_PixelRepresentation, 0);
  put(data, DCM_PresentationLUTShape, "IDENTITY");
  put(data, DCM_PixelIntensityRelationship, "LOG");
  put(data, DCM_RescaleIntercept, "0");
  put(data, DCM_RescaleSlope, "1");
  put(data, DCM_RescaleType, "US");
  put(data, DCM_WindowCenter, "32768");
  put(data, DCM_WindowWidth, "65536");
  if (const auto& spacing = film.info().spacing) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6f\\%.6f", spacing->row_mm, spacing->col_mm);
    put(data, DCM_ImagerPixelSpacing, text);
  }
  data.putAndInsertUint16Array(DCM_PixelData, pixels.ptr<Uint16>(),
                               static_cast<unsigned long>(pixels.total()));
}

}  // namespace

void write_dicom_film(const std::filesystem::path& file, const Image& film,
                      const std::string& study_id, std::uint64_t seed) {
  DcmFileFormat format;
  put_identity(*format.getDataset(), study_id, seed);
  put_pixels(*format.getDataset(), film);
  write_file_atomically(file, serialise(format, EXS_LittleEndianExplicit));
}

}  // namespace spine::sim
