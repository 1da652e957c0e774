#include "fuzz_target.h"
#include <nlohmann/json.hpp>

#include "spine/io/landmarks_io.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spine;
  const auto& file = fuzz::as_file(data, size);
  fuzz::expect_value_or_error([&] {
    const Landmarks landmarks = read_landmarks(file);
    // What is read can be written, and is read as the same again.
    const Landmarks rounded = landmarks_from_json(to_json(landmarks));
    if (rounded.femoral_heads.size() != landmarks.femoral_heads.size()) std::abort();
  });
  return 0;
}
