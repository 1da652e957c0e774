#pragma once
#include <nlohmann/json.hpp>

#include "spine/core/landmark_uncertainty.h"

namespace spine::batch {

/// {"L1": {"sup": {"turn_deg", "along", "across"}, "inf": ...}, ..., "S1": {...},
/// "femoral_heads": [number or null, ...]}; units of LandmarkSpreads, all digits.
nlohmann::json to_json(const LandmarkSpreads& spreads);
/// The inverse. @throws nlohmann::json::exception for anything else.
LandmarkSpreads spreads_from_json(const nlohmann::json& document);

}  // namespace spine::batch
