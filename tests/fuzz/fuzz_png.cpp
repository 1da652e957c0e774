#include "fuzz_target.h"

#include "spine/io/codecs/png_codec.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  RasterLimits limits;
  limits.max_pixels = 1'000'000;  // larger pictures take time and tell nothing new
  fuzz::expect_value_or_error([&] { decode_png(bytes, "input", limits); });
  fuzz::expect_value_or_error([&] { decode_indexed_png(bytes, "input", limits); });
  return 0;
}
