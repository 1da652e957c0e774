#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/io/codecs/raster.h"

namespace spine {

bool is_tiff(const std::string& bytes);

/// All pages of a TIFF, each grey, palette or RGB with or without alpha, of 8 or 16 bits, in strips
/// or tiles, by libtiff. Reduced copies of a page (thumbnails) and masks of its transparency are
/// left out (TIFF 6.0, NewSubfileType); samples that are neither colours nor transparency too. Of
/// the resolution tags the ratio alone is taken: the unit is a printer's or scanner's, not a
/// detector's.
/// @param name  of the file, for messages
/// @param most_pages  more pages than that are refused before any of them is decoded
/// @throws Error(unreadable) for truncated or corrupt data; Error(unsupported) for other samples
///         (1 bit, 32 bit, float), compressions or colours, for pictures beyond the limits and for
///         more than 256 directories, reduced copies included.
std::vector<Raster> decode_tiff(const std::string& bytes, const std::string& name,
                                int most_pages = 64, const RasterLimits& limits = {});

/// Whether the last page of a TIFF says that it is the last. One that was cut off behind a page's
/// tags does not, and is read as one of fewer pages.
/// @throws Error(unreadable | unsupported) as decode_tiff() does before it decodes a page.
bool is_tiff_chain_whole(const std::string& bytes, const std::string& name);

/// The rows of a page beyond which it is all zero.
struct TiffBand {
  cv::Size page;
  int top = 0;   ///< the page's row of the first one
  cv::Mat rows;  ///< as in Raster::pixels, of the page's width; empty: the page is blank
  Orientation orientation = Orientation::top_left;  ///< of the page, as in Raster
};

/// The same as decode_tiff() without the blank rows above and below what is on a page, which are
/// not decoded; of tiles and separate planes all rows.
std::vector<TiffBand> decode_tiff_bands(const std::string& bytes, const std::string& name,
                                        int most_pages = 64, const RasterLimits& limits = {});

}  // namespace spine
