#pragma once
#include <nlohmann/json.hpp>

#include "spine/core/landmark_uncertainty.h"

namespace spine::batch {

/// Converts standard deviations of landmarks to JSON: {"L1": {"sup": {"turn_deg", "along",
/// "across"}, "inf": ...}, ..., "S1": {...}, "femoral_heads": [number or null, ...]}; units of
/// LandmarkUncertainty, not rounded.
nlohmann::json to_json(const LandmarkUncertainty& uncertainty);
/// The inverse. @throws nlohmann::json::exception for any other document
LandmarkUncertainty uncertainty_from_json(const nlohmann::json& document);

}  // namespace spine::batch
