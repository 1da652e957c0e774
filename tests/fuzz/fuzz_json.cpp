#include "fuzz_target.h"
#include <nlohmann/json.hpp>

#include "spine/util/json.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] {
    const nlohmann::json document = read_json(file);
    // What is printed is JSON of the same content.
    const auto again = nlohmann::json::parse(pretty(document));
    if (again.size() != document.size()) std::abort();
  });
  return 0;
}
