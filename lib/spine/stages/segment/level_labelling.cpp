#include "spine/stages/segment/level_labelling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "spine/core/structure.h"

namespace spine {
namespace {

constexpr std::size_t kSacrum = index(Structure::S);
// Distance of neighbouring bodies' centres, in mean body sides (square root of the area): about
// 38 mm / 31 mm. From a body to the sacrum's centre it is about one body side more.
constexpr double kMinPitch = 0.75, kMaxPitch = 1.75;
constexpr double kSacrumExtraMin = 0.2, kSacrumExtraMax = 2.2;
// From a body's centre to the sacrum's edge: about 22 mm / 31 mm below L5.
constexpr double kMinToEdge = 0.3, kMaxToEdge = 1.5;
constexpr double kMaxAreaRatio = 2.6;
// Labels across missing bodies are moved where the distance is shorter than they imply by more than
// this share of the distance of neighbours.
constexpr double kShortOfALevel = 0.6;

double side(const LevelCandidate& candidate) { return std::sqrt(candidate.area); }

double nearest_distance(const std::vector<cv::Point2d>& points, cv::Point2d from) {
  double least = std::numeric_limits<double>::infinity();
  for (const cv::Point2d& p : points) least = std::min(least, cv::norm(p - from));
  return least;
}

/// Whether the distance from this body to the sacrum's edge fits this number of bodies between.
bool fits_above_sacrum(const LevelCandidate& sacrum, const LevelCandidate& body,
                       std::size_t bodies_between) {
  if (sacrum.edge.empty()) return true;
  const auto between = static_cast<double>(bodies_between);
  const double distance = nearest_distance(sacrum.edge, body.center) / side(body);
  return distance >= kMinToEdge + kMinPitch * between &&
         distance <= kMaxToEdge + kMaxPitch * between;
}

/// Area of the sacrum's visible part relative to the body above it.
constexpr double kMinSacrumRatio = 0.6, kMaxSacrumRatio = 8;

/// Whether two candidates have a plausible distance and size ratio for levels i and j, i < j.
bool is_plausible_pair(const LevelCandidate& upper, std::size_t i, const LevelCandidate& lower,
                       std::size_t j) {
  if (lower.center.y <= upper.center.y) return false;
  const double steps = static_cast<double>(j - i);
  const bool to_sacrum = j == kSacrum;
  const double unit = to_sacrum ? side(upper) : 0.5 * (side(upper) + side(lower));
  const double distance = cv::norm(lower.center - upper.center) / unit;
  const double extra_min = to_sacrum ? kSacrumExtraMin : 0,
               extra_max = to_sacrum ? kSacrumExtraMax : 0;
  if (distance < kMinPitch * steps + extra_min || distance > kMaxPitch * steps + extra_max) {
    return false;
  }
  const double ratio = lower.area / upper.area;
  if (to_sacrum) return ratio > kMinSacrumRatio && ratio < kMaxSacrumRatio;
  return ratio < kMaxAreaRatio && ratio > 1 / kMaxAreaRatio;
}

/// Exhaustive search for the labels with the greatest total evidence.
class LevelSearch {
 public:
  explicit LevelSearch(const std::vector<LevelCandidate>& candidates) : candidates_(candidates) {
    visit(0, 0);
  }
  [[nodiscard]] const LevelLabels& best() const { return best_; }

 private:
  void visit(std::size_t level, double evidence) {
    if (level == kLevelCount) {
      if (evidence > best_evidence_) {
        best_evidence_ = evidence;
        best_ = current_;
      }
      return;
    }
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (candidates_[i].evidence[level] <= 0 || !fits_above(candidates_[i], level)) continue;
      current_[level] = i;
      visit(level + 1, evidence + candidates_[i].evidence[level]);
      current_[level].reset();
    }
    visit(level + 1, evidence);
  }

  [[nodiscard]] bool fits_above(const LevelCandidate& candidate, std::size_t level) const {
    for (std::size_t i = level; i-- > 0;) {
      if (current_[i]) return is_plausible_pair(candidates_[*current_[i]], i, candidate, level);
    }
    return true;
  }

  const std::vector<LevelCandidate>& candidates_;
  LevelLabels current_, best_;
  double best_evidence_ = 0;
};

/// Gives the bodies with the uppermost `count` labels the labels `shift` levels below; the levels
/// that they move to are empty.
void move_down(LevelLabels& labels, std::size_t count, std::size_t shift) {
  const auto at = [&](std::size_t level) {
    return labels.begin() + static_cast<std::ptrdiff_t>(level);
  };
  std::rotate(labels.begin(), at(count), at(count + shift));
}

/// Moves labels down where fewer bodies fit between the lowest body and the sacrum than its label
/// implies: levels are numbered from the sacrum up.
LevelLabels counted_from_sacrum(LevelLabels labels, const std::vector<LevelCandidate>& candidates) {
  if (!labels[kSacrum]) return labels;
  const LevelCandidate& sacrum = candidates[*labels[kSacrum]];
  std::size_t lowest = kSacrum;
  while (lowest > 0 && !labels[lowest - 1]) --lowest;
  if (lowest == 0) return labels;
  const LevelCandidate& body = candidates[*labels[lowest - 1]];
  std::size_t between = kSacrum - lowest;
  while (between > 0 && !fits_above_sacrum(sacrum, body, between)) --between;
  const std::size_t shift = kSacrum - lowest - between;
  if (shift == 0 || !fits_above_sacrum(sacrum, body, between)) return labels;
  move_down(labels, lowest, shift);
  return labels;
}

double distance_between(const LevelLabels& labels, std::size_t upper, std::size_t lower,
                        const std::vector<LevelCandidate>& candidates) {
  return cv::norm(candidates[*labels[lower]].center - candidates[*labels[upper]].center);
}

/// Mean distance of bodies with consecutive labels; 0 for none.
double mean_pitch(const LevelLabels& labels, const std::vector<LevelCandidate>& candidates) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t i = 0; i + 1 < kSacrum; ++i) {
    if (!labels[i] || !labels[i + 1]) continue;
    sum += distance_between(labels, i, i + 1, candidates);
    ++pairs;
  }
  return pairs > 0 ? sum / pairs : 0;
}

/// Moves labels down where fewer bodies fit between two bodies than their labels imply.
LevelLabels with_even_distances(LevelLabels labels, const std::vector<LevelCandidate>& candidates) {
  const double pitch = mean_pitch(labels, candidates);
  if (pitch <= 0) return labels;
  std::size_t lower = kSacrum;
  for (std::size_t upper = kSacrum; upper-- > 0;) {
    if (!labels[upper]) continue;
    if (lower < kSacrum) {
      const double steps = distance_between(labels, upper, lower, candidates) / pitch;
      const std::size_t labelled = lower - upper;
      const auto seen = static_cast<std::size_t>(std::max(1.0, std::round(steps)));
      if (seen < labelled && steps < static_cast<double>(labelled) - kShortOfALevel) {
        move_down(labels, upper + 1, labelled - seen);
        upper += labelled - seen;
      }
    }
    lower = upper;
  }
  return labels;
}

}  // namespace

LevelLabels label_levels(const std::vector<LevelCandidate>& candidates) {
  const LevelLabels labels = counted_from_sacrum(LevelSearch(candidates).best(), candidates);
  return with_even_distances(labels, candidates);
}

double labelling_ambiguity(const std::vector<LevelCandidate>& candidates,
                           const LevelLabels& labels) {
  double ambiguity = 0;
  for (const int shift : {-1, 1}) {
    double labelled = 0, shifted = 0;
    for (int level = 0; level < static_cast<int>(kLumbarCount); ++level) {
      const auto& candidate = labels[static_cast<std::size_t>(level)];
      const int other = level + shift;
      if (!candidate || other < 0 || other >= static_cast<int>(kLumbarCount)) continue;
      const auto bodies = std::span(candidates[*candidate].evidence).first<kLumbarCount>();
      const double least = *std::min_element(bodies.begin(), bodies.end());
      labelled += bodies[static_cast<std::size_t>(level)] - least;
      shifted += bodies[static_cast<std::size_t>(other)] - least;
    }
    if (shifted > 0) ambiguity = std::max(ambiguity, shifted / std::max(labelled, 1e-9));
  }
  return std::min(ambiguity, 1.0);
}

}  // namespace spine
