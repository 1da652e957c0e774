#include "spine/core/structure.h"

#include <algorithm>

namespace spine {

namespace {
constexpr std::array<std::string_view, kStructureCount> kNames{"L1", "L2", "L3", "L4",
                                                               "L5", "S",  "F1", "F2"};
}

std::string_view to_string(Structure s) { return kNames[index(s)]; }

std::optional<Structure> structure_from_string(std::string_view name) {
  const auto* it = std::find(kNames.begin(), kNames.end(), name);
  if (it == kNames.end()) return std::nullopt;
  return kStructures[static_cast<std::size_t>(it - kNames.begin())];
}

std::string level_name(std::size_t level) {
  return level == kS1 ? "S1" : std::string(to_string(kStructures[level]));
}

std::optional<std::size_t> level_from_name(std::string_view name) {
  for (std::size_t level = 0; level <= kS1; ++level) {
    if (level_name(level) == name) return level;
  }
  return std::nullopt;
}

std::string disc_name(std::size_t upper) { return level_name(upper) + "_" + level_name(upper + 1); }

std::string_view to_string(Side side) { return side == Side::left ? "left" : "right"; }

}  // namespace spine
