#include "fuzz_target.h"

#include "spine/batch/film_record.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] { batch::read_film_record(file); });
  return 0;
}
