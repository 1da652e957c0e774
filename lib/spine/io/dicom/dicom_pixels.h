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
  std::string photometric;  ///< (0028,0004); RGB where the decoder made it so
  StoredFormat format;
};

/// Decodes one frame; other frames stay as they are.
/// @param dicom   from parse_dicom; decoders may change its data set
/// @param frames  how many the file has
/// @param frame   the one that is wanted, from 1
/// @param notes   gets a sentence for every contradiction that was settled
/// @throws Error(unreadable) for damaged or missing pixels, Error(unsupported) for transfer
///         syntaxes and kinds of pixels that cannot be decoded, by name
StoredPixels read_dicom_pixels(DicomFile& dicom, int frames, int frame,
                               const std::filesystem::path& file, std::vector<std::string>& notes);

/// How grey values lie in their words, by the tags and where these are impossible or contradict the
/// words, by the words: a high bit that no pixel reaches, or bits above BitsStored that continue
/// the picture. Other bits above are overlays or rubbish.
/// @param words  CV_16UC1
StoredFormat finalize_format(const cv::Mat& words, StoredFormat format, int bits_allocated,
                             bool has_overlay_bits, std::vector<std::string>& notes);

}  // namespace spine
