#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// Measurement::status of a value that needs a structure outside the film (film_extent.h).
inline constexpr const char* kNotInFilm = "not_in_film";

/// The angles that evaluations report first.
inline constexpr std::array<const char*, 4> kMainAngles{"PT", "SS", "PI", "LL"};

/// A named result. If the value is nullopt, `status` gives the reason.
struct Measurement {
  std::string name;  ///< as in stages/README.md: "PT", "segmental_L1_L2", ...
  std::optional<double> value;
  std::string unit;    ///< "deg", "mm", "px", "%", "grade", "type"
  std::string status;  ///< "ok", or why there is no value ("missing: L3", "not_in_film")
  /// Standard error of the value, in its unit, if known (standard_errors.h).
  std::optional<double> standard_error = std::nullopt;
};

/// The measurement with this name; nullptr if there is none.
inline const Measurement* find_measurement(const std::vector<Measurement>& values,
                                           const std::string& name) {
  for (const Measurement& value : values) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

/// All results of a film, in a fixed order, with quality flags.
struct Measurements {
  std::vector<Measurement> values;
  std::vector<std::string> qc;  ///< flags raised, see kFlags in flags.h
  /// Structures outside the film or its exposed area: "L1" ... "L5", "S1", "femoral heads".
  std::vector<std::string> not_in_film = {};

  /// The measurement with this name; nullptr if there is none.
  [[nodiscard]] const Measurement* find(const std::string& name) const {
    return find_measurement(values, name);
  }
};

}  // namespace spine
