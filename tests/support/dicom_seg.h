#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "spine/core/mask_stack.h"

namespace spine::test {

/// Reads the masks of a DICOM Segmentation with DCMTK alone: eight binary frames in the order of
/// the structures, one bit per pixel (PS3.5 8.1.1).
/// @throws std::runtime_error for any other file
inline MaskStack read_dicom_seg(const std::filesystem::path& file) {
  DcmFileFormat format;
  const bool loaded = format.loadFile(file.c_str()).good();
  DcmDataset& data = *format.getDataset();
  OFString kind, frames;
  data.findAndGetOFString(DCM_SegmentationType, kind);
  data.findAndGetOFString(DCM_NumberOfFrames, frames);
  Uint16 rows = 0, columns = 0;
  data.findAndGetUint16(DCM_Rows, rows);
  data.findAndGetUint16(DCM_Columns, columns);
  const Uint8* bytes = nullptr;
  unsigned long count = 0;
  data.findAndGetUint8Array(DCM_PixelData, bytes, &count);
  const std::size_t bits = std::size_t{rows} * columns * kStructureCount;
  if (!loaded || kind != "BINARY" || frames != std::to_string(kStructureCount).c_str() ||
      bytes == nullptr || bits == 0 || count < (bits + 7) / 8) {
    throw std::runtime_error(file.string() + ": expected a segmentation of eight binary frames");
  }
  MaskStack masks({columns, rows});
  std::size_t bit = 0;
  for (const Structure structure : kStructures) {
    cv::Mat mask(rows, columns, CV_8UC1);
    for (int y = 0; y < rows; ++y) {
      auto* row = mask.ptr<std::uint8_t>(y);
      for (int x = 0; x < columns; ++x, ++bit) {
        row[x] = (bytes[bit / 8] >> bit % 8 & 1U) != 0 ? 255 : 0;
      }
    }
    masks.set(structure, mask);
  }
  return masks;
}

}  // namespace spine::test
