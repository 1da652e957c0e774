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

double side(const LevelCandidate& part) { return std::sqrt(part.area); }

double distance_to(const std::vector<cv::Point2d>& points, cv::Point2d from) {
  double least = std::numeric_limits<double>::infinity();
  for (const cv::Point2d& p : points) least = std::min(least, cv::norm(p - from));
  return least;
}

/// Whether there is room for so many bodies between this one and the sacrum, and no more.
bool room_above(const LevelCandidate& sacrum, const LevelCandidate& body,
                std::size_t bodies_between) {
  if (sacrum.edge.empty()) return true;
  const auto between = static_cast<double>(bodies_between);
  const double distance = distance_to(sacrum.edge, body.center) / side(body);
  return distance >= kMinToEdge + kMinPitch * between &&
         distance <= kMaxToEdge + kMaxPitch * between;
}

/// Whether two structures of the column, upper and lower, can stand where these parts are.
bool fit_together(const LevelCandidate& upper, std::size_t i, const LevelCandidate& lower,
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
  if (to_sacrum) return ratio > 0.6 && ratio < 8;
  return ratio < kMaxAreaRatio && ratio > 1 / kMaxAreaRatio;
}

/// Tries every way.
class LevelSearch {
 public:
  explicit LevelSearch(const std::vector<LevelCandidate>& parts) : parts_(parts) { visit(0, 0); }
  [[nodiscard]] const LevelLabels& best() const { return best_; }

 private:
  void visit(std::size_t name, double evidence) {
    if (name == kLevelCount) {
      if (evidence > best_evidence_) {
        best_evidence_ = evidence;
        best_ = current_;
      }
      return;
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].evidence[name] <= 0 || !fits_above(parts_[i], name)) continue;
      current_[name] = i;
      visit(name + 1, evidence + parts_[i].evidence[name]);
      current_[name].reset();
    }
    visit(name + 1, evidence);
  }

  [[nodiscard]] bool fits_above(const LevelCandidate& part, std::size_t name) const {
    for (std::size_t i = name; i-- > 0;) {
      if (current_[i]) return fit_together(parts_[*current_[i]], i, part, name);
    }
    return true;
  }

  const std::vector<LevelCandidate>& parts_;
  LevelLabels current_, best_;
  double best_evidence_ = 0;
};

/// Moves names down where fewer bodies have room under the lowest one than its name leaves: levels
/// are numbered from the sacrum up.
LevelLabels counted_from_sacrum(LevelLabels names, const std::vector<LevelCandidate>& parts) {
  if (!names[kSacrum]) return names;
  const LevelCandidate& sacrum = parts[*names[kSacrum]];
  std::size_t lowest = kSacrum;
  while (lowest > 0 && !names[lowest - 1]) --lowest;
  if (lowest == 0) return names;
  const LevelCandidate& body = parts[*names[lowest - 1]];
  std::size_t between = kSacrum - lowest;
  while (between > 0 && !room_above(sacrum, body, between)) --between;
  const std::size_t shift = kSacrum - lowest - between;
  if (shift == 0 || !room_above(sacrum, body, between)) return names;
  std::rotate(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(kSacrum - shift),
              names.begin() + static_cast<std::ptrdiff_t>(kSacrum));
  return names;
}

}  // namespace

LevelLabels label_levels(const std::vector<LevelCandidate>& parts) {
  return counted_from_sacrum(LevelSearch(parts).best(), parts);
}

double labelling_ambiguity(const std::vector<LevelCandidate>& parts, const LevelLabels& names) {
  double doubt = 0;
  for (const int shift : {-1, 1}) {
    double named = 0, shifted = 0;
    for (int level = 0; level < static_cast<int>(kLumbarCount); ++level) {
      const auto& part = names[static_cast<std::size_t>(level)];
      const int other = level + shift;
      if (!part || other < 0 || other >= static_cast<int>(kLumbarCount)) continue;
      const auto bodies = std::span(parts[*part].evidence).first<kLumbarCount>();
      const double any = *std::min_element(bodies.begin(), bodies.end());
      named += bodies[static_cast<std::size_t>(level)] - any;
      shifted += bodies[static_cast<std::size_t>(other)] - any;
    }
    if (shifted > 0) doubt = std::max(doubt, shifted / std::max(named, 1e-9));
  }
  return std::min(doubt, 1.0);
}

}  // namespace spine
