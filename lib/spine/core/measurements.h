#pragma once
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// Measurement::status of a value that needs what lies beyond the film (film_extent.h).
inline constexpr const char* kNotInFilm = "not_in_film";

/// One named result. A value that cannot be given is nullopt and `status` says why.
struct Measurement {
  std::string name;  ///< as in stages/README.md: "PT", "segmental_L1_L2", ...
  std::optional<double> value;
  std::string unit;    ///< "deg", "mm", "px", "%", "grade", "type"
  std::string status;  ///< "ok", or the reason why there is no value ("missing: L3", "not_in_film")
  /// Of the value, in its unit, where it is known (standard_errors.h).
  std::optional<double> standard_error = std::nullopt;
};

/// All results of one film, in a fixed order, with quality flags.
struct Measurements {
  std::vector<Measurement> values;
  std::vector<std::string> qc;  ///< flags: kFlags of flags.h
  /// What lies beyond the film or its exposed part: "L1" ... "L5", "S1", "femoral heads".
  std::vector<std::string> not_in_film = {};

  /// The measurement of that name, or nullptr.
  [[nodiscard]] const Measurement* find(const std::string& name) const {
    for (const auto& m : values) {
      if (m.name == name) return &m;
    }
    return nullptr;
  }
};

}  // namespace spine
