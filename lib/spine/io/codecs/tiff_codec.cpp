#include "spine/io/codecs/tiff_codec.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "spine/core/error.h"
#include "spine/io/codecs/tiff_memory.h"
#include "spine/io/codecs/tiff_page_reader.h"

namespace spine {
namespace {

/// Offset of a page's directory, and its kind.
struct Page {
  std::uint64_t at = 0;
  bool reduced = false, mask = false;
  std::int64_t pixels = 0;
};

/// Raw bytes of a TIFF's directories, for checks that libtiff does not make.
class DirectoryBytes {
 public:
  DirectoryBytes(TIFF* tiff, std::string_view file)
      : file_(file), high_first_(TIFFIsBigEndian(tiff) != 0), big_(TIFFIsBigTIFF(tiff) != 0) {}

  /// The old SubfileType (255) of the directory at an offset; 0 if absent.
  [[nodiscard]] std::uint64_t old_kind(std::uint64_t at) const {
    const std::uint64_t entries = entries_of(at);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const std::uint64_t entry = at + count_size() + i * entry_size();
      const bool is_word = number(entry + 2, 2) == TIFF_SHORT;
      if (number(entry, 2) == TIFFTAG_OSUBFILETYPE && is_word)
        return number(entry + (big_ ? 12 : 8), 2);
    }
    return 0;
  }

  /// Whether the link to the next directory lies within the file. libtiff treats a directory
  /// without it as the last one.
  [[nodiscard]] bool has_link(std::uint64_t at) const {
    const std::uint64_t link = at + count_size() + entries_of(at) * entry_size();
    return link + (big_ ? 8 : 4) <= file_.size();
  }

 private:
  [[nodiscard]] std::uint64_t count_size() const { return big_ ? 8 : 2; }
  [[nodiscard]] std::uint64_t entry_size() const { return big_ ? 20 : 12; }
  [[nodiscard]] std::uint64_t entries_of(std::uint64_t at) const {
    return std::min<std::uint64_t>(number(at, count_size()), 0xFFFF);
  }

  /// 0 beyond the end of the file.
  [[nodiscard]] std::uint64_t number(std::uint64_t where, std::uint64_t size) const {
    std::uint64_t value = 0;
    if (where > file_.size() || size > file_.size() - where) return value;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t place = high_first_ ? where + i : where + size - 1 - i;
      value = value << 8U | static_cast<unsigned char>(file_[place]);
    }
    return value;
  }

  std::string_view file_;
  bool high_first_, big_;
};

Page page_here(TIFF* tiff, std::string_view file) {
  Page page;
  page.at = TIFFCurrentDirOffset(tiff);
  const std::uint32_t kind = tiff_tag(tiff, TIFFTAG_SUBFILETYPE, 0);
  page.mask = (kind & FILETYPE_MASK) != 0;
  page.reduced = (kind & FILETYPE_REDUCEDIMAGE) != 0 ||
                 DirectoryBytes(tiff, file).old_kind(page.at) == OFILETYPE_REDUCEDIMAGE;
  page.pixels =
      std::int64_t{tiff_tag(tiff, TIFFTAG_IMAGEWIDTH, 0)} * tiff_tag(tiff, TIFFTAG_IMAGELENGTH, 0);
  return page;
}

/// Adds the subdirectories of this directory, up to `most` in total.
void add_sub_directories(TIFF* tiff, std::size_t most, std::vector<std::uint64_t>& all) {
  std::uint16_t count = 0;
  const std::uint64_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) != 1 || offsets == nullptr) return;
  const auto taken = std::min<std::size_t>(count, most - all.size());
  all.insert(all.end(), offsets, offsets + taken);
}

/// The pages that are images in their own right: neither reduced copies nor masks of others. If all
/// pages are masks, all are returned; of reduced copies alone, the largest.
std::vector<Page> own_pages(const std::vector<Page>& all) {
  std::vector<Page> pages;
  for (const bool masks : {false, true}) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(pages),
                 [&](const Page& page) { return !page.reduced && page.mask == masks; });
    if (!pages.empty()) return pages;
  }
  const auto largest = std::max_element(
      all.begin(), all.end(), [](const Page& a, const Page& b) { return a.pixels < b.pixels; });
  if (largest != all.end()) pages.push_back(*largest);
  return pages;
}

/// Limit of pages including reduced copies and masks. Each directory may refer to tables as long as
/// the file, so that time grows with their number.
constexpr std::size_t kMostDirectories = 256;

/// An open TIFF and its pages.
class Document {
 public:
  Document(const std::string& bytes, const std::string& name)
      : memory_(bytes), name_(name), tiff_(memory_.open()) {
    if (!tiff_) damaged();
  }

  /// Directories of the chain; if these are all reduced copies, also their subdirectories (DNG and
  /// others store the full image there).
  std::vector<Page> pages() {
    constexpr std::size_t kMostBelow = 64;
    std::vector<Page> all;
    std::vector<std::uint64_t> below;
    do {
      if (all.size() == kMostDirectories) too_many();
      all.push_back(page_here(tiff_.get(), memory_.file()));
      add_sub_directories(tiff_.get(), kMostBelow, below);
      memory_.first_error.clear();
    } while (TIFFReadDirectory(tiff_.get()) == 1);
    // A chain broken by truncation also ends the loop, but sets an error.
    if (!memory_.first_error.empty()) damaged();
    last_ = all.back().at;
    const bool reduced_only =
        std::all_of(all.begin(), all.end(), [](const Page& page) { return page.reduced; });
    if (!reduced_only) below.clear();
    for (const auto at : below) {
      if (TIFFSetSubDirectory(tiff_.get(), at) == 1)
        all.push_back(page_here(tiff_.get(), memory_.file()));
    }
    return own_pages(all);
  }

  /// Whether the chain's last directory, as found by pages(), declares itself the last.
  [[nodiscard]] bool is_chain_whole() const {
    return DirectoryBytes(tiff_.get(), memory_.file()).has_link(last_);
  }

  TiffPageReader reader(const Page& page) {
    if (TIFFSetSubDirectory(tiff_.get(), page.at) != 1) damaged();
    memory_.first_error.clear();  // errors about tags that libtiff can do without
    return {tiff_.get(), memory_, name_};
  }

 private:
  [[noreturn]] void damaged() const {
    throw Error(ErrorKind::unreadable,
                "read " + name_ + ": expected a whole TIFF, got damage: " +
                    (memory_.first_error.empty() ? "no page" : memory_.first_error));
  }
  [[noreturn]] void too_many() const {
    throw Error(ErrorKind::unsupported, "read " + name_ + ": expected a TIFF of at most " +
                                            std::to_string(kMostDirectories) +
                                            " directories, got more");
  }

  TiffMemory memory_;
  const std::string& name_;
  TiffHandle tiff_;
  std::uint64_t last_ = 0;  ///< offset of the chain's last directory
};

/// Calls `visit` with a reader for every page that is an image in its own right.
template <typename Visit>
void for_each_page(const std::string& bytes, const std::string& name, int most_pages,
                   Visit&& visit) {
  Document document(bytes, name);
  const std::vector<Page> pages = document.pages();
  if (static_cast<int>(pages.size()) > most_pages) {
    throw Error(ErrorKind::unsupported, "read " + name + ": expected a TIFF of " +
                                            std::to_string(most_pages) + " page(s), got " +
                                            std::to_string(pages.size()));
  }
  for (const Page& page : pages) visit(document.reader(page));
}

}  // namespace

bool is_tiff(const std::string& bytes) {
  const std::string start = bytes.substr(0, 4);
  // 42: classic TIFF; 43: BigTIFF.
  return start == std::string("II*\0", 4) || start == std::string("MM\0*", 4) ||
         start == std::string("II+\0", 4) || start == std::string("MM\0+", 4);
}

std::vector<Raster> decode_tiff(const std::string& bytes, const std::string& name, int most_pages,
                                const RasterLimits& limits) {
  std::vector<Raster> rasters;
  for_each_page(bytes, name, most_pages,
                [&](TiffPageReader page) { rasters.push_back(page.read(limits)); });
  return rasters;
}

std::vector<TiffBand> decode_tiff_bands(const std::string& bytes, const std::string& name,
                                        int most_pages, const RasterLimits& limits) {
  std::vector<TiffBand> bands;
  for_each_page(bytes, name, most_pages,
                [&](TiffPageReader page) { bands.push_back(page.read_band(limits)); });
  return bands;
}

bool is_tiff_chain_whole(const std::string& bytes, const std::string& name) {
  Document document(bytes, name);
  document.pages();
  return document.is_chain_whole();
}

}  // namespace spine
