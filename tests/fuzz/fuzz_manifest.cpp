#include "fuzz_target.h"

#include "spine/dataset/study_set.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] { read_manifest(file); });
  return 0;
}
