#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spine {

/// The eight structures, in the order of network channels and of the pages of masks.tif.
/// L1–L5: the vertebral body alone, cut at the posterior wall, osteophytes included.
/// S: silhouette of the S1–S5 bodies without alae, crest and coccyx.
/// F1, F2: the whole projected femoral heads; F1 is the more anterior one.
enum class Structure : int { L1, L2, L3, L4, L5, S, F1, F2 };

inline constexpr std::size_t kStructureCount = 8;
inline constexpr std::size_t kLumbarCount = 5;
/// The level below the lumbar ones, which are 0 (L1) to 4 (L5).
inline constexpr std::size_t kS1 = kLumbarCount;

inline constexpr std::array<Structure, kStructureCount> kStructures{
    Structure::L1, Structure::L2, Structure::L3, Structure::L4,
    Structure::L5, Structure::S,  Structure::F1, Structure::F2};

constexpr std::size_t index(Structure s) { return static_cast<std::size_t>(s); }

/// Name as written to files: "L1" ... "L5", "S", "F1", "F2".
std::string_view to_string(Structure s);
/// Inverse of to_string(); nullopt for any other text.
std::optional<Structure> structure_from_string(std::string_view name);

/// Name of a level as written to files: "L1" ... "L5", "S1".
/// @param level  0 to kS1
std::string level_name(std::size_t level);
/// Inverse of level_name(); nullopt for any other text.
std::optional<std::size_t> level_from_name(std::string_view name);
/// Name of the disc below a level as written to files: "L1_L2" ... "L5_S1".
/// @param upper  0 to kS1 - 1
std::string disc_name(std::size_t upper);

/// The side of the upright image towards which the patient faces.
enum class Side { left, right };
/// "left" or "right".
std::string_view to_string(Side side);
/// Whether column `x` lies nearer to the anterior side than column `than`. Of two femoral heads, F1
/// is the one whose centre is more anterior; equal ones keep their order.
constexpr bool is_more_anterior(double x, double than, Side anterior) {
  return anterior == Side::left ? x < than : x > than;
}

}  // namespace spine
