#include "spine/stages/segment/probability_masks.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/size_text.h"
#include "spine/core/statistics.h"
#include "spine/stages/segment/anterior.h"
#include "spine/stages/segment/components.h"
#include "spine/stages/segment/level_labelling.h"

namespace spine {

namespace {

constexpr std::size_t kSacrum = index(Structure::S);
constexpr std::size_t kHead1 = index(Structure::F1), kHead2 = index(Structure::F2);
constexpr std::size_t kMaxCandidates = 3;  // of the sacrum
constexpr std::size_t kMaxBodies = 10;
// A component that several channels show is split into their components when each of these has at
// least this share of a typical body's area: kMinOwnBody, or kMinOwnOfSeveral where the component
// is larger than kSeveral typical bodies.
constexpr double kMinOwnBody = 0.6, kMinOwnOfSeveral = 0.3, kSeveral = 1.35;

// Solidity (area over convex hull) below which a component is not a vertebral body or sacrum.
constexpr double kMinBodySolidity = 0.7, kMinSacrumSolidity = 0.4;
constexpr double kHeadMinArea = 0.3, kHeadMaxArea = 5.0;  // relative to the mean body
constexpr int kMinFound = 3;
constexpr double kMinConfidence = 0.7;

using Chosen = std::array<std::optional<Component>, kStructureCount>;

std::optional<double> mean_body_area(const Chosen& chosen) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!chosen[i]) continue;
    sum += chosen[i]->area;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

/// Selects one component for each structure.
class Selector {
 public:
  Selector(const std::vector<cv::Mat>& probabilities, const SegmentOptions& options)
      : options_(options), planes_(probabilities.begin(), probabilities.end()) {
    for (std::size_t i = 0; i < kStructureCount; ++i) {
      candidates_[i] = components_of(planes_[i], options.threshold);
    }
  }

  void run() {
    if (options_.enforce_order) {
      choose_levels();
      choose_heads();
    } else {
      for (std::size_t i = 0; i < kStructureCount; ++i) {
        if (!candidates_[i].empty()) choose(i, candidates_[i].front());
      }
    }
    order_heads();
  }

  [[nodiscard]] const Chosen& chosen() const { return chosen_; }
  [[nodiscard]] double labelling_ambiguity() const { return labelling_ambiguity_; }
  /// The probability plane in which a structure was found.
  [[nodiscard]] const cv::Mat& plane(std::size_t structure) const { return planes_[structure]; }
  [[nodiscard]] std::vector<std::string>& notes() { return notes_; }

 private:
  static std::string name(std::size_t structure) {
    return std::string(to_string(kStructures[structure]));
  }

  void choose(std::size_t structure, const Component& component) { chosen_[structure] = component; }

  /// The area of a body, from the strongest component of each level; 0 without any.
  [[nodiscard]] double typical_body_area() const {
    std::vector<double> areas;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (!candidates_[i].empty()) areas.push_back(candidates_[i].front().area);
    }
    return median(areas);
  }

  /// Bodies of any level, from the sum of the channels, so that a body that several channels share
  /// is one component. Bodies that touch in the sum are taken from their own channels.
  [[nodiscard]] std::vector<Component> find_bodies() const {
    const double typical = typical_body_area();
    std::vector<Component> bodies;
    for (auto& together : components_of(any_body_, options_.threshold)) {
      std::vector<const Component*> parts;
      const double min_own = together.area > kSeveral * typical ? kMinOwnOfSeveral : kMinOwnBody;
      for (std::size_t i = 0; i < kLumbarCount; ++i) {
        for (const auto& own : candidates_[i]) {
          if (own.area < min_own * typical || shared_area(own, together) == 0) continue;
          const bool duplicate = std::any_of(parts.begin(), parts.end(), [&](const Component* p) {
            return shared_area(own, *p) > 0.5 * std::min(own.area, p->area);
          });
          if (!duplicate) parts.push_back(&own);
        }
      }
      if (parts.size() < 2) {
        bodies.push_back(std::move(together));
      } else {
        for (const Component* part : parts) bodies.push_back(*part);
      }
    }
    std::erase_if(bodies, [](const Component& b) { return b.solidity < kMinBodySolidity; });
    std::sort(bodies.begin(), bodies.end(),
              [](const Component& a, const Component& b) { return a.mass > b.mass; });
    if (bodies.size() > kMaxBodies) bodies.resize(kMaxBodies);
    return bodies;
  }

  void choose_levels() {
    any_body_ = any_body(planes_);
    std::vector<Component> components = find_bodies();
    std::vector<LevelCandidate> level_candidates;
    level_candidates.reserve(components.size() + kMaxCandidates);
    for (const auto& body : components) {
      level_candidates.push_back({body.center, body.area, level_evidence(planes_, body)});
    }
    std::size_t sacra = 0;
    for (const auto& c : candidates_[kSacrum]) {
      if (c.solidity < kMinSacrumSolidity) continue;
      if (sacra++ == kMaxCandidates) break;
      LevelCandidate sacrum{c.center, c.area, {}};
      sacrum.evidence[kSacrum] = c.mass;
      level_candidates.push_back(sacrum);
      components.push_back(c);
    }
    const auto labels = label_levels(level_candidates);
    labelling_ambiguity_ = spine::labelling_ambiguity(level_candidates, labels);
    for (std::size_t i = 0; i < kLevelCount; ++i) {
      if (labels[i]) choose(i, components[*labels[i]]);
    }
    for (std::size_t i = 0; i < kLevelCount; ++i) note_change(i);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (chosen_[i]) planes_[i] = without_others(i);
    }
  }

  void note_change(std::size_t i) {
    const bool has_candidates = !candidates_[i].empty();
    if (has_candidates && !chosen_[i]) {
      notes_.push_back(name(i) + ": dropped, out of order or of implausible shape");
    } else if (chosen_[i] && !has_candidates) {
      notes_.push_back(name(i) + ": found in the neighbouring levels' channels");
    } else if (chosen_[i] && shared_area(*chosen_[i], candidates_[i].front()) == 0) {
      notes_.push_back(name(i) + ": a larger component was dropped, out of order");
    }
  }

  /// The probability of any body, 0 inside the bodies of other levels.
  [[nodiscard]] cv::Mat without_others(std::size_t level) const {
    cv::Mat plane = any_body_.clone();
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (i != level && chosen_[i]) plane.setTo(0, chosen_[i]->mask);
    }
    return plane;
  }

  void choose_heads() {
    const auto body = mean_body_area(chosen_);
    double lowest_body = -1;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (chosen_[i]) lowest_body = std::max(lowest_body, chosen_[i]->center.y);
    }
    const auto plausible = [&](const Component& c) {
      if (!body) return false;
      const double ratio = c.area / *body;
      return ratio >= kHeadMinArea && ratio <= kHeadMaxArea && c.center.y > lowest_body;
    };
    for (const std::size_t head : {kHead1, kHead2}) {
      for (const auto& c : candidates_[head]) {
        if (chosen_[head] || !plausible(c)) continue;
        choose(head, c);
      }
    }
    choose_second_head(kHead1, kHead2, plausible);
    choose_second_head(kHead2, kHead1, plausible);
  }

  /// Where one channel shows both heads and the other none: the second head from the same channel.
  template <typename Plausible>
  void choose_second_head(std::size_t from, std::size_t to, const Plausible& plausible) {
    if (chosen_[to] || !chosen_[from]) return;
    for (const auto& c : candidates_[from]) {
      if (!plausible(c) || c.center == chosen_[from]->center) continue;
      if (c.area < 0.5 * chosen_[from]->area) continue;
      planes_[to] = planes_[from];
      choose(to, c);
      notes_.push_back(name(to) + ": found in the channel of " + name(from));
      return;
    }
  }

  /// Makes F1 the more anterior head.
  void order_heads() {
    if (!chosen_[kHead1] || !chosen_[kHead2]) return;
    MaskStack small(planes_[0].size());
    for (std::size_t i = 0; i < kStructureCount; ++i) {
      if (chosen_[i]) small.set(kStructures[i], chosen_[i]->mask);
    }
    if (!heads_reversed(small)) return;
    std::swap(chosen_[kHead1], chosen_[kHead2]);
    std::swap(planes_[kHead1], planes_[kHead2]);
  }

  const SegmentOptions& options_;
  std::array<std::vector<Component>, kStructureCount> candidates_;
  Chosen chosen_;
  std::vector<cv::Mat> planes_;
  cv::Mat any_body_;  ///< probability of a body of any level
  double labelling_ambiguity_ = 0;
  std::vector<std::string> notes_;
};

bool is_spine(const Chosen& chosen) {
  int found = 0;
  double confidence = 0;
  for (std::size_t i = 0; i < kLevelCount; ++i) {
    if (!chosen[i]) continue;
    ++found;
    confidence += chosen[i]->mean();
  }
  return found >= kMinFound && confidence / found >= kMinConfidence;
}

void check_planes(const std::vector<cv::Mat>& planes, const Letterbox& box) {
  const cv::Size square(box.net, box.net);
  bool good = planes.size() == kStructureCount;
  for (const auto& p : planes) good = good && p.type() == CV_32FC1 && p.size() == square;
  if (good) return;
  throw Error(ErrorKind::internal,
              "segment: expected 8 float planes of " + size_text(square) + ", got " +
                  std::to_string(planes.size()) +
                  (planes.empty() ? "" : " of " + size_text(planes[0].size())));
}

Segmentation thresholded_masks(const std::vector<cv::Mat>& probabilities, const Letterbox& box,
                               double threshold) {
  Segmentation result;
  result.masks = MaskStack(box.film);
  const cv::Rect whole(0, 0, box.net, box.net);
  for (std::size_t i = 0; i < kStructureCount; ++i) {
    const cv::Mat inside = probabilities[i] >= threshold;
    if (cv::countNonZero(inside) == 0) continue;
    result.spine_found = true;
    result.masks.set(kStructures[i], upsampled_mask(probabilities[i], whole, box, threshold));
    result.outlines[i] = soft_outline(probabilities[i], threshold, box);
    result.confidence[i] = cv::mean(probabilities[i], inside)[0];
  }
  if (heads_reversed(result.masks)) swap_heads(result);
  return result;
}

}  // namespace

void swap_heads(Segmentation& segmentation) {
  segmentation.masks.swap(Structure::F1, Structure::F2);
  std::swap(segmentation.confidence[kHead1], segmentation.confidence[kHead2]);
  std::swap(segmentation.outlines[kHead1], segmentation.outlines[kHead2]);
}

double labelling_ambiguity(const std::vector<cv::Mat>& probabilities, const Letterbox& box,
                           const SegmentOptions& options) {
  check_planes(probabilities, box);
  Selector selector(probabilities, options);
  selector.run();
  return selector.labelling_ambiguity();
}

Segmentation masks_from_probabilities(const std::vector<cv::Mat>& probabilities,
                                      const Letterbox& box, const SegmentOptions& options) {
  check_planes(probabilities, box);
  if (options.raw_output) return thresholded_masks(probabilities, box, options.threshold);
  Selector selector(probabilities, options);
  selector.run();
  Segmentation result;
  result.masks = MaskStack(box.film);
  result.notes = std::move(selector.notes());
  result.labelling_ambiguity = selector.labelling_ambiguity();
  result.spine_found = is_spine(selector.chosen());
  if (!result.spine_found) return result;
  for (std::size_t i = 0; i < kStructureCount; ++i) {
    const auto& component = selector.chosen()[i];
    if (!component) continue;
    const cv::Mat alone = isolated(selector.plane(i), *component, options.threshold);
    result.masks.set(kStructures[i], upsampled_mask(alone, component->box, box, options.threshold));
    result.outlines[i] = soft_outline(alone, options.threshold, box);
    result.confidence[i] = component->mean();
  }
  return result;
}

}  // namespace spine
