#include "fuzz_target.h"

#include "spine/io/codecs/tiff_codec.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  RasterLimits limits;
  limits.max_pixels = 1'000'000;  // larger pictures take time and tell nothing new
  constexpr int kMostPages = 8;
  fuzz::expect_value_or_error([&] { decode_tiff(bytes, "input", kMostPages, limits); });
  fuzz::expect_value_or_error([&] { decode_tiff_bands(bytes, "input", kMostPages, limits); });
  return 0;
}
