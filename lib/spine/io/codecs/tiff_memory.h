#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tiffio.h>

namespace spine {

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

/// A TIFF in memory that libtiff reads or writes; outlives the handles opened on it. libtiff prints
/// nothing: the first error is kept.
class TiffMemory {
 public:
  /// For writing; initially empty.
  TiffMemory() : writable_(true) {}
  /// For reading `file`, which must outlive this object.
  explicit TiffMemory(std::string_view file) : file_(file), writable_(false) {}

  /// @returns null if libtiff refuses; the reason is in first_error
  /// @throws std::bad_alloc
  TiffHandle open();

  [[nodiscard]] std::string_view file() const { return file_; }
  /// What was written, after the handle is closed; leaves this object empty.
  std::vector<std::byte> take_written();

  std::string first_error;  ///< as reported by libtiff; empty if none

 private:
  struct Callbacks;

  std::vector<std::byte> written_;
  std::string_view file_;  ///< of the file that is read, or of `written_`
  std::uint64_t position_ = 0;
  bool writable_;
};

/// Tags that libtiff returns as 32 bits.
std::uint32_t tiff_tag(TIFF* tiff, std::uint32_t which, std::uint32_t otherwise);

/// Tags that libtiff returns as 16 bits.
std::uint16_t tiff_short_tag(TIFF* tiff, std::uint32_t which, std::uint16_t otherwise);

}  // namespace spine
