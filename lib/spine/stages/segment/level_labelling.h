#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

inline constexpr std::size_t kLevelCount = 6;  ///< L1 ... L5, S

/// Something on a film that may be one of L1 ... L5, S.
struct LevelCandidate {
  cv::Point2d center;  ///< any frame of square pixels, y down
  double area = 0;
  /// How much speaks for each name, in one unit for all parts; 0: it cannot bear that name.
  std::array<double, kLevelCount> evidence{};
  /// Points along its edge, of what may be the sacrum; may be empty. How far they are from a body
  /// tells how many bodies can be between.
  std::vector<cv::Point2d> edge = {};
};

/// Names the parts together: of all ways to take one part or none for each name, running down the
/// column at plausible distances and sizes, the one with most evidence. Where the sacrum stands so
/// near to the lowest body that its name leaves too much room, all bodies' names move down.
/// @returns for each name the index of its part
using LevelLabels = std::array<std::optional<std::size_t>, kLevelCount>;
LevelLabels label_levels(const std::vector<LevelCandidate>& parts);

/// How much of the evidence speaks for all bodies' being one level higher, or one lower, than they
/// are named, against how much speaks for the names: 0 nothing, 1 as much. What speaks for any name
/// alike does not count. A sixth lumbar body, a rib less or a hidden sacrum make it large.
double labelling_ambiguity(const std::vector<LevelCandidate>& parts, const LevelLabels& names);

/// Beyond it a film gets the flag "levels_uncertain": of 240 films of the simulator (seeds
/// 903000-903119, half of them with metal) all three with wrong numbers and at most two more; of 9
/// real ones the one with what may be a transitional vertebra and three more.
inline constexpr double kMaxLabellingAmbiguity = 0.08;

}  // namespace spine
