#pragma once
#include <string>

#include <nlohmann/json.hpp>

#include "spine/core/input_spec.h"

namespace spine {

/// An input specification as JSON:
/// {"size": 256, "views": ["original", ...], "mean": 0.5, "std": 0.5}
nlohmann::json to_json(const InputSpec& input);
/// The reverse; unknown keys are errors. @throws Error(usage) naming `where` and the key.
InputSpec input_spec_from_json(const nlohmann::json& json, const std::string& where);

}  // namespace spine
