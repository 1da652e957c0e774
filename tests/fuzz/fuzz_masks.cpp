#include "fuzz_target.h"

#include "spine/io/mask_io.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] { read_masks(file); });
  fuzz::expect_value_or_error([&] { read_mask_crops(file); });
  fuzz::expect_value_or_error([&] { read_mask(file); });
  return 0;
}
