#pragma once
#include <nlohmann/json.hpp>

#include "spine/core/landmark_uncertainty.h"

namespace spine::batch {

/// {"L1": {"sup": {"turn_deg", "along", "across"}, "inf": ...}, ..., "S1": {...},
/// "femoral_heads": [number or null, ...]}; units of LandmarkUncertainty, all digits.
nlohmann::json to_json(const LandmarkUncertainty& uncertainty);
/// The inverse. @throws nlohmann::json::exception for anything else.
LandmarkUncertainty uncertainty_from_json(const nlohmann::json& document);

}  // namespace spine::batch
