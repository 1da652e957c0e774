#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace spine {

/// The eight structures, in the order of network channels and of the pages of masks.tif.
/// L1–L5: the vertebral body alone, cut at the posterior wall, osteophytes included.
/// S: silhouette of the S1–S5 bodies without alae, crest and coccyx.
/// F1, F2: the whole projected femoral heads; F1 is the more anterior one.
enum class Structure : int { L1, L2, L3, L4, L5, S, F1, F2 };

inline constexpr std::size_t kStructureCount = 8;
inline constexpr std::size_t kLumbarCount = 5;

inline constexpr std::array<Structure, kStructureCount> kStructures{
    Structure::L1, Structure::L2, Structure::L3, Structure::L4,
    Structure::L5, Structure::S,  Structure::F1, Structure::F2};

constexpr std::size_t index(Structure s) { return static_cast<std::size_t>(s); }

/// Name as written to files: "L1" ... "L5", "S", "F1", "F2".
std::string_view to_string(Structure s);
/// Inverse of to_string(); nullopt for any other text.
std::optional<Structure> structure_from_string(std::string_view name);

/// The side of the upright image towards which the patient faces.
enum class Side { left, right };
/// "left" or "right".
std::string_view to_string(Side side);

}  // namespace spine
