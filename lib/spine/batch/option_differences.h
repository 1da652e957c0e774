#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace spine::batch {

/// One of two sets of options, and the word that tells it from the other.
struct NamedOptions {
  const nlohmann::json& options;
  const char* word;
};

/// The options in which two sets differ, by their names and with both values, the first ones:
/// "measure.landmarks: \"fit\" before, \"report\" now". Empty where they are the same. Long values
/// are cut.
std::string option_differences(const NamedOptions& first, const NamedOptions& second);

}  // namespace spine::batch
