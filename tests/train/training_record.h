#pragma once
#include <filesystem>

#include <nlohmann/json.hpp>

#include "spine/util/atomic_file.h"

namespace spine::test {

/// What a training run wrote about itself.
inline nlohmann::json training_record(const std::filesystem::path& run) {
  return nlohmann::json::parse(read_file(run / "training.json"));
}

}  // namespace spine::test
