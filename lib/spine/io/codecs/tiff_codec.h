#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/codecs/raster.h"

namespace spine {

/// Whether the content starts with a TIFF or BigTIFF signature.
bool is_tiff(const std::string& bytes);

/// Decodes all pages of a TIFF by libtiff: grey, palette or RGB with or without alpha, 8 or 16
/// bits, in strips or tiles. Reduced copies (thumbnails) and transparency masks of a page (TIFF
/// 6.0, NewSubfileType) are excluded; samples other than colours and transparency are ignored. Only
/// the ratio of the resolution tags is used: their unit refers to a printer or scanner, not to a
/// detector.
/// @param name  of the file, for messages
/// @param most_pages  files with more pages are rejected before decoding
/// @throws Error(unreadable) for truncated or corrupt data; Error(unsupported) for other samples (1
/// bit, 32 bit, float), compressions or colours, for images beyond the limits and for more than 256
/// directories including reduced copies
std::vector<Raster> decode_tiff(const std::string& bytes, const std::string& name,
                                int most_pages = 64, const RasterLimits& limits = {});

/// Whether the last page of a TIFF declares itself the last. False for a file truncated after a
/// page's tags, which would otherwise be read as a file with fewer pages.
/// @throws Error(unreadable | unsupported) as decode_tiff() before decoding a page
bool is_tiff_chain_whole(const std::string& bytes, const std::string& name);

/// The rows of a page without blank (all zero) rows above and below.
struct TiffBand {
  cv::Size page;
  int top = 0;   ///< row of the page that `rows` starts with
  cv::Mat rows;  ///< as Raster::pixels, of the page's width; empty: the page is blank
  Orientation orientation = Orientation::top_left;  ///< of the page, as in Raster
};

/// Like decode_tiff(), without decoding the blank rows at the top and bottom of a page; returns all
/// rows for tiles and separate planes.
std::vector<TiffBand> decode_tiff_bands(const std::string& bytes, const std::string& name,
                                        int most_pages = 64, const RasterLimits& limits = {});

}  // namespace spine
