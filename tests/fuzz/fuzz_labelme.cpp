#include "fuzz_target.h"

#include "spine/io/labelme.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  static const LabelTable table = default_label_table();
  fuzz::expect_value_or_error([&] { read_labelme(file, table); });
  return 0;
}
