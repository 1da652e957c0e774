// make_archive DIR COUNT FILM...: an archive like that of a hospital, with COUNT files in nested
// folders named after patients: half of them lateral films (made from the FILMs), the others
// frontal views, hands, CTs, reports, damaged files, duplicates and unrelated files. Every tag that
// may identify a patient contains the word PLANTED, as do folder and file names. The same COUNT and
// FILMs give the same archive.
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <opencv2/core.hpp>

#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

namespace {

namespace fs = std::filesystem;

/// A unique patient name, recognisable by its first word.
std::string patient(int i) { return "PLANTED^JANE" + std::to_string(i); }

/// Fills every text attribute of the data dictionary that a radiograph may have and that is not
/// read as a code.
void plant(DcmDataset& data, int i) {
  const std::string word = "PLANTED" + std::to_string(i);
  const std::array<DcmTagKey, 24> tags{DCM_PatientName,
                                       DCM_PatientID,
                                       DCM_OtherPatientNames,
                                       DCM_AccessionNumber,
                                       DCM_InstitutionName,
                                       DCM_StationName,
                                       DCM_StudyDescription,
                                       DCM_SeriesDescription,
                                       DCM_PatientComments,
                                       DCM_PatientAddress,
                                       DCM_ReferringPhysicianName,
                                       DCM_OperatorsName,
                                       DCM_StudyID,
                                       DCM_ProtocolName,
                                       DCM_ImageComments,
                                       DCM_DeviceSerialNumber,
                                       DCM_Manufacturer,
                                       DCM_EthnicGroup,
                                       DCM_Occupation,
                                       DCM_InstitutionAddress,
                                       DCM_PerformedProcedureStepDescription,
                                       DCM_RequestedProcedureDescription,
                                       DCM_MilitaryRank,
                                       DCM_PatientBirthName};
  for (const auto& tag : tags) data.putAndInsertString(tag, word.c_str());
  data.putAndInsertString(DCM_PatientName, patient(i).c_str());
  data.putAndInsertString(DCM_PatientBirthDate, "19500101");
  data.putAndInsertString(DCM_StudyDate, "20010203");
}

void set_uids(DcmDataset& data, int i) {
  const std::string root = "1.2.826.0.1.3680043.10.4711.";
  data.putAndInsertString(DCM_StudyInstanceUID, (root + "1." + std::to_string(i / 3)).c_str());
  data.putAndInsertString(DCM_SeriesInstanceUID, (root + "2." + std::to_string(i)).c_str());
  data.putAndInsertString(DCM_SOPInstanceUID, (root + "3." + std::to_string(i)).c_str());
}

struct Kind {
  const char* body_part = "LSPINE";
  const char* view = "LL";
  const char* sop_class = nullptr;
  const char* modality = nullptr;
  bool pixels = true;
};

/// Writes a DICOM film and edits it to be of the given kind.
void put_film(const fs::path& file, const cv::Mat& pixels, int i, const Kind& kind) {
  static constexpr std::array kCompressions{
      spine::DicomCompression::none, spine::DicomCompression::jpeg_lossless,
      spine::DicomCompression::rle, spine::DicomCompression::jpeg_ls,
      spine::DicomCompression::jpeg_2000};
  spine::DicomWriteOptions options;
  options.modality = i % 2 == 0 ? "DX" : "CR";
  options.monochrome1 = i % 7 == 0;
  options.imager_spacing = spine::Spacing{0.6, 0.6};
  options.compression = kCompressions[static_cast<std::size_t>(i / 10) % kCompressions.size()];
  spine::write_dicom(file, pixels, options);
  DcmFileFormat format;
  if (format.loadFile(file.c_str()).bad()) throw std::runtime_error("cannot read " + file.string());
  format.loadAllDataIntoMemory();  // the same file is written again
  DcmDataset& data = *format.getDataset();
  plant(data, i);
  set_uids(data, i);
  data.putAndInsertString(DCM_BodyPartExamined, kind.body_part);
  data.putAndInsertString(DCM_ViewPosition, kind.view);
  if (kind.sop_class != nullptr) data.putAndInsertString(DCM_SOPClassUID, kind.sop_class);
  if (kind.modality != nullptr) data.putAndInsertString(DCM_Modality, kind.modality);
  if (!kind.pixels) {
    for (const auto& tag : {DCM_PixelData, DCM_Rows, DCM_Columns}) data.findAndDeleteElement(tag);
  }
  const auto syntax = kind.pixels ? data.getOriginalXfer() : EXS_LittleEndianExplicit;
  // The meta information is regenerated with the new UIDs.
  if (format
          .saveFile(file.c_str(), syntax, EET_ExplicitLength, EGL_recalcGL, EPD_noChange, 0, 0,
                    EWM_createNewMeta)
          .bad()) {
    throw std::runtime_error("cannot write " + file.string());
  }
}

/// Writes a file damaged in one of several ways.
void damage(const fs::path& file, int i) {
  std::string bytes = spine::read_file(file);
  switch (i / 10 % 4) {
    case 0:
      bytes.resize(bytes.size() / 2);
      break;
    case 1:
      bytes = "";
      break;
    case 2:
      bytes = "PLANTED: no picture at all";
      break;
    default:
      for (std::size_t at = bytes.size() / 2; at < bytes.size(); at += 97) {
        bytes[at] = static_cast<char>(at);
      }
  }
  spine::write_file_atomically(file, bytes);
}

/// Path of a file: archives have folders for patients, dates, and names without extension.
fs::path place(const fs::path& root, int i) {
  const fs::path folder =
      root / ("PLANTED_" + std::to_string(i / 50)) / ("DAY" + std::to_string(i / 10));
  fs::create_directories(folder);
  return folder /
         ((i % 3 == 0 ? "IM" : "PLANTED-JANE_") + std::to_string(i) + (i % 3 == 1 ? ".dcm" : ""));
}

void put(const fs::path& root, int i, const std::vector<cv::Mat>& films) {
  fs::path file = place(root, i);
  cv::Mat pixels = films[static_cast<std::size_t>(i) % films.size()].clone();
  pixels.at<std::uint8_t>(0, 0) = static_cast<std::uint8_t>(i);  // makes every file unique
  switch (i % 10) {
    case 5:
      return put_film(file, pixels, i, {.view = "AP"});
    case 6:
      if (i / 10 % 2 == 0) {
        return put_film(file, pixels, i, {.sop_class = UID_CTImageStorage, .modality = "CT"});
      }
      return put_film(file, pixels, i,
                      {.sop_class = UID_BasicTextSRStorage, .modality = "SR", .pixels = false});
    case 7:
      if (file.extension().empty()) file += ".dcm";  // only the name indicates the kind
      put_film(file, pixels, i, {});
      return damage(file, i);
    case 8: {
      const fs::path first = place(root, i - 8);
      fs::copy_file(first, file, fs::copy_options::overwrite_existing);
      return;
    }
    case 9:
      if (i / 10 % 2 == 0) return put_film(file, pixels, i, {.body_part = "HAND"});
      std::ofstream(file.replace_extension(".txt")) << "PLANTED: a letter\n";
      return;
    default:
      return put_film(file, pixels, i, {});
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: make_archive DIR COUNT FILM...\n";
    return 2;
  }
  try {
    const int count = std::stoi(argv[2]);
    std::vector<cv::Mat> films;
    for (int i = 3; i < argc; ++i) {
      cv::Mat pixels = spine::read_film(argv[i]).pixels().clone();
      if (pixels.depth() == CV_16U) pixels.convertTo(pixels, CV_8U, 1.0 / 257);
      films.push_back(pixels);
    }
    for (int i = 0; i < count; ++i) put(argv[1], i, films);
  } catch (const std::exception& error) {
    std::cerr << "make_archive: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
