#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace spine::batch {

/// A set of options with the word that labels its values.
struct NamedOptions {
  const nlohmann::json& options;
  const char* word;
};

/// Lists the options in which two sets differ, by name and with both values, the first set first:
/// "measure.landmarks: "fit" before, "baseline" now". Empty if they are equal. Long values are
/// shortened.
std::string option_differences(const NamedOptions& first, const NamedOptions& second);

}  // namespace spine::batch
