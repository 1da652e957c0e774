#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/dicom/dicom_file.h"
#include "spine/io/dicom/dicom_grey.h"

namespace spine {

/// Pixel data as stored, decompressed.
struct StoredPixels {
  cv::Mat samples;          ///< CV_8U or CV_16U, 1 or 3 interleaved channels
  std::string photometric;  ///< (0028,0004); RGB if converted by the decoder
  StoredFormat format;
};

/// Decodes one frame; other frames are left alone.
/// @param dicom   from parse_dicom(); decoders may change its data set
/// @param frames  number of frames in the file
/// @param frame   the frame to decode, from 1
/// @param notes   receives a sentence for every resolved contradiction
/// @throws Error(unreadable) for damaged or missing pixels, Error(unsupported) naming the transfer
/// syntax or kind of pixels that cannot be decoded
StoredPixels read_dicom_pixels(DicomFile& dicom, int frames, int frame,
                               const std::filesystem::path& file, std::vector<std::string>& notes);

/// Position of grey values in their words by the tags, corrected by the words where the tags are
/// impossible or contradict them: a high bit that no pixel reaches, or bits above BitsStored that
/// continue the image. Other bits above are overlays or undefined.
/// @param words  CV_16UC1
StoredFormat finalize_format(const cv::Mat& words, StoredFormat format, int bits_allocated,
                             bool has_overlay_bits, std::vector<std::string>& notes);

}  // namespace spine
