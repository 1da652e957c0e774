#include "spine/io/codecs/tiff_memory.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

namespace spine {

/// I/O callbacks of libtiff.
struct TiffMemory::Callbacks {
  static TiffMemory& memory_of(thandle_t handle) { return *static_cast<TiffMemory*>(handle); }

  static tmsize_t read(thandle_t handle, void* data, tmsize_t size) {
    auto& memory = memory_of(handle);
    if (memory.position_ >= memory.file_.size() || size <= 0) return 0;
    const auto count = std::min<std::uint64_t>(static_cast<std::uint64_t>(size),
                                               memory.file_.size() - memory.position_);
    std::memcpy(data, memory.file_.data() + memory.position_, count);
    memory.position_ += count;
    return static_cast<tmsize_t>(count);
  }

  /// 0, an error for libtiff, if memory is exhausted: an exception must not pass through C.
  static tmsize_t write(thandle_t handle, void* data, tmsize_t size) {
    auto& memory = memory_of(handle);
    if (!memory.writable_ || size <= 0) return 0;
    const std::uint64_t end = memory.position_ + static_cast<std::uint64_t>(size);
    try {
      if (end > memory.written_.size()) memory.written_.resize(end);
    } catch (const std::exception&) {
      return 0;
    }
    std::memcpy(memory.written_.data() + memory.position_, data, static_cast<std::size_t>(size));
    memory.file_ = {reinterpret_cast<const char*>(memory.written_.data()), memory.written_.size()};
    memory.position_ = end;
    return size;
  }

  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& memory = memory_of(handle);
    if (whence == SEEK_CUR) offset += memory.position_;
    if (whence == SEEK_END) offset += memory.file_.size();
    memory.position_ = offset;
    return offset;
  }

  static int close(thandle_t) { return 0; }

  static toff_t size(thandle_t handle) { return memory_of(handle).file_.size(); }

  static int on_error(TIFF*, void* user_data, const char*, const char* format, va_list arguments) {
    std::string& error = static_cast<TiffMemory*>(user_data)->first_error;
    if (error.empty()) {
      std::array<char, 300> text{};
      std::vsnprintf(text.data(), text.size(), format, arguments);
      error = text.data();
      std::replace(error.begin(), error.end(), '\n', ' ');
    }
    return 1;  // handled: libtiff prints nothing
  }

  static int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }
};

TiffHandle TiffMemory::open() {
  constexpr tmsize_t kLeastMemory = tmsize_t{64} << 20U;
  constexpr tmsize_t kMostGrowth = 4;
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, Callbacks::on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options, Callbacks::on_warning, nullptr);
  if (!writable_) {
    // libtiff allocates tables and packed strips, which are bounded by the file size.
    TIFFOpenOptionsSetMaxSingleMemAlloc(
        options, kLeastMemory + kMostGrowth * static_cast<tmsize_t>(file_.size()));
  }
  // "m": no memory mapping, since there is no file; "l": little-endian.
  TIFF* tiff = TIFFClientOpenExt("memory", writable_ ? "wl" : "rm", this, Callbacks::read,
                                 Callbacks::write, Callbacks::seek, Callbacks::close,
                                 Callbacks::size, nullptr, nullptr, options);
  TIFFOpenOptionsFree(options);
  return TiffHandle(tiff);
}

std::vector<std::byte> TiffMemory::take_written() {
  file_ = {};
  position_ = 0;
  return std::exchange(written_, {});
}

std::uint32_t tiff_tag(TIFF* tiff, std::uint32_t which, std::uint32_t otherwise) {
  std::uint32_t value = 0;
  return TIFFGetField(tiff, which, &value) == 1 ? value : otherwise;
}

std::uint16_t tiff_short_tag(TIFF* tiff, std::uint32_t which, std::uint16_t otherwise) {
  std::uint16_t value = 0;
  return TIFFGetFieldDefaulted(tiff, which, &value) == 1 ? value : otherwise;
}

}  // namespace spine
