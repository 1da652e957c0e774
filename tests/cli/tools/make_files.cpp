// make_files DIR: one file of every kind that a folder of films may contain, valid and invalid.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <dcmtk/dcmdata/dctk.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/mask_stack.h"
#include "spine/io/mask_io.h"

namespace {

namespace fs = std::filesystem;

constexpr int kWidth = 240;
constexpr int kHeight = 320;

cv::Mat noise(int type, double most) {
  cv::Mat pixels(kHeight, kWidth, type);
  cv::RNG random(7);
  random.fill(pixels, cv::RNG::UNIFORM, 0, most);
  return pixels;
}

void write(const fs::path& file, const cv::Mat& pixels) {
  if (!cv::imwrite(file.string(), pixels))
    throw std::runtime_error("cannot write " + file.string());
}

void copy_start(const fs::path& from, const fs::path& to, double fraction) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  const auto size = static_cast<double>(fs::file_size(to));
  fs::resize_file(to, static_cast<std::uintmax_t>(size * fraction));
}

/// Two frames of 2x2 pixels; written by hand, since OpenCV writes no GIF.
void write_animation(const fs::path& file) {
  static const unsigned char bytes[] = {
      'G', 'I', 'F',  '8',  '9', 'a',  2,    0, 2,    0,    0x80, 0,    0,    0, 0,   0, 255,
      255, 255, 0x21, 0xF9, 4,   0,    10,   0, 0,    0,    0x2C, 0,    0,    0, 0,   2, 0,
      2,   0,   0,    2,    2,   0x44, 0x0A, 0, 0x21, 0xF9, 4,    0,    10,   0, 0,   0, 0x2C,
      0,   0,   0,    0,    2,   0,    2,    0, 0,    2,    2,    0x44, 0x0A, 0, 0x3B};
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

struct DicomKind {
  const char* sop_class = UID_DigitalXRayImageStorageForPresentation;
  const char* modality = "DX";
  int frames = 1;
  bool pixels = true;
};

void write_dicom(const fs::path& file, const DicomKind& kind) {
  DcmFileFormat format;
  DcmDataset& data = *format.getDataset();
  data.putAndInsertString(DCM_SOPClassUID, kind.sop_class);
  const std::string uid =
      "1.2.826.0.1.3680043.8.498." +
      std::to_string(std::hash<std::string>{}(file.filename().string()) % 1000000);
  data.putAndInsertString(DCM_SOPInstanceUID, uid.c_str());
  data.putAndInsertString(DCM_Modality, kind.modality);
  if (kind.pixels) {
    data.putAndInsertUint16(DCM_Rows, kHeight);
    data.putAndInsertUint16(DCM_Columns, kWidth);
    data.putAndInsertUint16(DCM_SamplesPerPixel, 1);
    data.putAndInsertUint16(DCM_BitsAllocated, 16);
    data.putAndInsertUint16(DCM_BitsStored, 12);
    data.putAndInsertUint16(DCM_HighBit, 11);
    data.putAndInsertUint16(DCM_PixelRepresentation, 0);
    data.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME2");
    if (kind.frames > 1) {
      data.putAndInsertString(DCM_NumberOfFrames, std::to_string(kind.frames).c_str());
    }
    const cv::Mat frame = noise(CV_16UC1, 4095);
    std::vector<Uint16> values;
    for (int i = 0; i < kind.frames; ++i)
      values.insert(values.end(), frame.begin<Uint16>(), frame.end<Uint16>());
    data.putAndInsertUint16Array(DCM_PixelData, values.data(), values.size());
  }
  if (format.saveFile(file.c_str(), EXS_LittleEndianExplicit).bad()) {
    throw std::runtime_error("cannot write " + file.string());
  }
}

/// A straight stack of bodies over a tilted sacrum, with two heads in front.
spine::MaskStack make_masks() {
  spine::MaskStack masks({500, 800});
  const auto blank = [] { return cv::Mat(800, 500, CV_8UC1, cv::Scalar(0)); };
  for (int level = 0; level < 5; ++level) {
    cv::Mat body = blank();
    cv::rectangle(body, cv::Rect(220, 60 + 80 * level, 90, 60), cv::Scalar(255), cv::FILLED);
    masks.set(spine::kStructures[static_cast<std::size_t>(level)], body);
  }
  cv::Mat sacrum = blank();
  const std::vector<cv::Point> outline{{215, 500}, {300, 465}, {370, 560}, {390, 640}, {350, 640}};
  cv::fillConvexPoly(sacrum, outline, cv::Scalar(255));
  masks.set(spine::Structure::S, sacrum);
  for (int head = 0; head < 2; ++head) {
    cv::Mat disc = blank();
    cv::circle(disc, {200 + 25 * head, 680}, 50, cv::Scalar(255), cv::FILLED);
    masks.set(head == 0 ? spine::Structure::F1 : spine::Structure::F2, disc);
  }
  return masks;
}

void make_films(const fs::path& folder) {
  fs::create_directories(folder);
  const cv::Mat grey = noise(CV_8UC1, 255);
  write(folder / "noise8.png", grey);
  write(folder / "noise16.tif", noise(CV_16UC1, 65535));
  write(folder / "colour.jpg", noise(CV_8UC3, 255));
  write(folder / "alpha.png", noise(CV_8UC4, 255));
  fs::copy_file(folder / "noise8.png", folder / "png_named.jpg",
                fs::copy_options::overwrite_existing);
  write_dicom(folder / "dx.dcm", {});
}

void make_bad_films(const fs::path& folder) {
  fs::create_directories(folder);
  const cv::Mat grey = noise(CV_8UC1, 255);
  std::ofstream(folder / "zero.png");
  std::ofstream(folder / "text.png") << "this is not a picture\n";
  write(folder / "whole.png", grey);
  write(folder / "whole.jpg", grey);
  copy_start(folder / "whole.png", folder / "truncated_png.png", 0.5);
  copy_start(folder / "whole.jpg", folder / "truncated_jpg.jpg", 0.5);
  fs::remove(folder / "whole.png");
  fs::remove(folder / "whole.jpg");
  write(folder / "one_pixel.png", cv::Mat(1, 1, CV_8UC1, cv::Scalar(9)));
  write(folder / "too_wide.png", cv::Mat(20, 30000, CV_8UC1, cv::Scalar(9)));
  write(folder / "black.png", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(0)));
  write(folder / "white.png", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(255)));
  write_animation(folder / "animated.gif");
  cv::imwritemulti((folder / "pages.tif").string(), std::vector<cv::Mat>{grey, grey});
  DicomKind kind;
  write_dicom(folder / "whole.dcm", kind);
  copy_start(folder / "whole.dcm", folder / "truncated_dicom.dcm", 0.5);
  fs::remove(folder / "whole.dcm");
  kind.pixels = false;
  write_dicom(folder / "no_pixels.dcm", kind);
  kind = {};
  kind.frames = 3;
  write_dicom(folder / "multi_frame.dcm", kind);
  kind = {};
  kind.sop_class = UID_CTImageStorage;
  kind.modality = "CT";
  write_dicom(folder / "ct.dcm", kind);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_files DIR\n");
    return 2;
  }
  const fs::path root = argv[1];
  make_films(root / "films");
  make_bad_films(root / "bad");
  for (const char* study : {"case_a", "case_b"}) {
    fs::create_directories(root / "masks" / study);
    spine::write_masks(root / "masks" / study / "masks.tif", make_masks());
  }
  return 0;
}
