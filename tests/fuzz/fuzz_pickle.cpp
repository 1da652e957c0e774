#include <string_view>

#include "fuzz_target.h"

#include "spine/infer/pickle.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz::expect_value_or_error([&] { read_pickle(bytes, "input"); });
  return 0;
}
