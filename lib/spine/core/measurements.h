#pragma once
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// One named result. A value that cannot be given is nullopt and `status` says why.
struct Measurement {
  std::string name;  ///< as in design.md: "PT", "segmental_L1_L2", "disc_height_L4_L5_mean", ...
  std::optional<double> value;
  std::string unit;    ///< "deg", "mm", "px", "%", "grade", "type"
  std::string status;  ///< "ok", or the reason why there is no value ("missing: L3", "no spacing")
  /// Of the value, in its unit, where it is known (standard_errors.h).
  std::optional<double> standard_error = std::nullopt;
};

/// All results of one film, in a fixed order, with quality flags.
struct Measurements {
  std::vector<Measurement> values;
  std::vector<std::string> qc;  ///< "pi_mismatch", "heads_far_apart", "one_head", ...

  /// The measurement of that name, or nullptr.
  [[nodiscard]] const Measurement* find(const std::string& name) const {
    for (const auto& m : values) {
      if (m.name == name) return &m;
    }
    return nullptr;
  }
};

}  // namespace spine
