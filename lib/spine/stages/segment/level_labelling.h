#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

inline constexpr std::size_t kLevelCount = 6;  ///< L1 ... L5, S

/// A component of a film that may be one of L1 ... L5, S.
struct LevelCandidate {
  cv::Point2d center;  ///< in any frame of square pixels, y down, the same for all candidates
  double area = 0;     ///< square units of that frame
  /// Evidence for each level, in one unit for all candidates; 0 excludes the level.
  std::array<double, kLevelCount> evidence{};
  /// Points along the edge of a sacrum candidate, in the same frame; may be empty. Their distance
  /// from a body limits the number of bodies between.
  std::vector<cv::Point2d> edge = {};
};

/// For each level, L1 ... L5, S, the index of its candidate; nullopt where there is none.
using LevelLabels = std::array<std::optional<std::size_t>, kLevelCount>;

/// Labels all candidates together: of all assignments of at most one candidate to each level, from
/// top to bottom at plausible distances and sizes, the one with the greatest total evidence. Where
/// the sacrum lies too close to the lowest body for the levels missing between, the labels of all
/// bodies move down; so do those above missing bodies that do not fit between their neighbours.
LevelLabels label_levels(const std::vector<LevelCandidate>& candidates);

/// The evidence for all bodies being one level higher, or one lower, than labelled, relative to the
/// evidence for the labels: 0 none, 1 as much or more. Evidence that is the same for every level
/// does not count. A sixth lumbar body, a missing rib or a hidden sacrum increase the ambiguity.
double labelling_ambiguity(const std::vector<LevelCandidate>& candidates,
                           const LevelLabels& labels);

/// Films with a greater labelling ambiguity get the flag "levels_uncertain": of 240 simulated films
/// (seeds 903000-903119, half of them with implants) all three with wrong levels and at most two
/// more; of 9 real films the one with a possible transitional vertebra and three more.
inline constexpr double kMaxLabellingAmbiguity = 0.08;

/// The same for each pass of the whole-film prediction by itself, as where only the equalised film
/// shows the sacrum: none of 100 simulated films (seeds 920000-920099) reaches a tenth of it.
inline constexpr double kMaxAmbiguityOfAPass = 0.5;

}  // namespace spine
