#include "spine/stages/segment/refine.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/stages/segment/components.h"
#include "spine/stages/segment/level_labelling.h"

namespace spine {
namespace {

constexpr double kMinAgreement = 0.4;  // intersection over union of both predictions
// Relative to a body's side in the window: limits of a body candidate's side; greatest distance of
// two detections of one body.
constexpr double kMinSide = 0.6, kMaxSide = 1.4, kSameBody = 0.5;
// Two joined bodies, relative to a body's side or area: least side of both together, greatest half
// width of the neck, least area of each part.
constexpr double kMaybeTwo = 1.25, kMaxNeck = 0.2, kMinPart = 0.25;
constexpr double kMinSolidity = 0.8, kMinSacrumSolidity = 0.4;
constexpr int kMinRefined = 3;  // of L1-L5 and S, for a spine
// A body of the whole-film prediction was relabelled when another level now covers this share of
// it.
constexpr double kRelabelled = 0.3;
// Weight of the whole-film prediction's level label relative to the ROI's.
constexpr double kWholeFilmLabelWeight = 0.5;

constexpr std::size_t kSacrum = index(Structure::S);
constexpr std::size_t kHead1 = index(Structure::F1), kHead2 = index(Structure::F2);

double agreement(const cv::Mat& a, const cv::Mat& b) {
  const int both = cv::countNonZero(a & b);
  const int either = cv::countNonZero(a | b);
  return either > 0 ? static_cast<double>(both) / either : 0;
}

/// The component of a plane that agrees best with the whole-film mask.
std::optional<Component> best_component(const cv::Mat& plane, const cv::Mat& whole_film,
                                        double threshold) {
  std::optional<Component> best;
  double best_agreement = kMinAgreement;
  for (auto& c : components_of(plane, threshold)) {
    const double a = agreement(c.mask, whole_film);
    if (a < best_agreement) continue;
    best_agreement = a;
    best = std::move(c);
  }
  return best;
}

/// Partitions the probability of any body among areas: each pixel goes to the nearest area.
/// @returns one CV_32FC1 plane for each area
std::vector<cv::Mat> partition_by_nearest(const cv::Mat& any, const std::vector<cv::Mat>& areas) {
  std::vector<cv::Mat> distances, shares;
  cv::Mat nearest(any.size(), CV_32FC1, cv::Scalar(1e9));
  for (const cv::Mat& area : areas) {
    cv::distanceTransform(~area, distances.emplace_back(), cv::DIST_L2, cv::DIST_MASK_PRECISE);
    nearest = cv::min(nearest, distances.back());
  }
  for (const cv::Mat& distance : distances) {
    shares.push_back(cv::Mat::zeros(any.size(), CV_32FC1));
    any.copyTo(shares.back(), distance <= nearest);
  }
  return shares;
}

/// Separates bodies that a narrow neck joins, by erosion.
/// @param side  of a body, network pixels
/// @returns CV_8UC1 masks of the eroded parts; empty when the component does not separate
std::vector<cv::Mat> parts_at_neck(const Component& c, double side) {
  std::vector<cv::Mat> parts;
  if (c.side() < kMaybeTwo * side) return parts;
  for (int radius = 1; radius <= kMaxNeck * side && parts.size() < 2; ++radius) {
    cv::Mat eroded, labels, stats, centers;
    cv::erode(c.mask, eroded,
              cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1}));
    const int count = cv::connectedComponentsWithStats(eroded, labels, stats, centers, 4);
    parts.clear();
    for (int label = 1; label < count; ++label) {
      if (stats.at<int>(label, cv::CC_STAT_AREA) < kMinPart * side * side) continue;
      parts.emplace_back(labels == label);
    }
  }
  if (parts.size() < 2) parts.clear();
  return parts;
}

/// A vertebral body found in one of the ROIs.
struct BodyCandidate {
  std::size_t window = 0;
  Component component;
  cv::Mat plane;             ///< the probability that its mask is made from
  double off_center = 0;     ///< distance from the window's middle, network pixels
  LevelCandidate candidate;  ///< in the film's frame, network pixels
};

/// A position in film pixels, scaled to network pixels of a window.
cv::Point2d scaled(cv::Point2d film, const Letterbox& window) {
  return {film.x * window.scale_x, film.y * window.scale_y};
}

/// Network pixels of a window per film pixel.
double area_scale(const Letterbox& window) { return window.scale_x * window.scale_y; }

bool touches_border(const Component& c, int net) {
  return c.box.x <= 0 || c.box.y <= 0 || c.box.br().x >= net || c.box.br().y >= net;
}

/// Whether a component covers more than half of two or more bodies of the whole-film prediction.
bool holds_two(const Component& c, const WindowMasks& whole_film) {
  int held = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (whole_film[i].empty()) continue;
    if (2 * cv::countNonZero(whole_film[i] & c.mask) > cv::countNonZero(whole_film[i])) ++held;
  }
  return held >= 2;
}

/// Body candidates of a window. A component of several bodies is split at its neck or partitioned
/// among the bodies of the whole-film prediction.
/// @param frame  window to whose scale positions and areas are converted
std::vector<BodyCandidate> bodies_in(const std::vector<cv::Mat>& probabilities,
                                     const WindowMasks& whole_film, const Letterbox& box,
                                     const Letterbox& frame, double threshold) {
  const double side = kRoiBodySide * box.net;
  const cv::Mat any = any_body(probabilities);
  std::vector<BodyCandidate> bodies;
  const auto add = [&](Component&& c, const cv::Mat& plane) {
    if (c.side() < kMinSide * side || c.side() > kMaxSide * side || c.solidity < kMinSolidity ||
        touches_border(c, box.net)) {
      return;
    }
    BodyCandidate body;
    body.plane = plane;
    body.off_center = cv::norm(c.center - cv::Point2d(0.5 * box.net, 0.5 * box.net));
    body.candidate.center = scaled(box.to_film(c.center), frame);
    body.candidate.area = c.area / area_scale(box) * area_scale(frame);
    body.candidate.evidence = level_evidence(probabilities, c);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (whole_film[i].empty()) continue;
      body.candidate.evidence[i] +=
          kWholeFilmLabelWeight * cv::countNonZero(whole_film[i] & c.mask);
    }
    body.component = std::move(c);
    bodies.push_back(std::move(body));
  };
  std::vector<cv::Mat> whole_film_bodies;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!whole_film[i].empty()) whole_film_bodies.push_back(whole_film[i]);
  }
  for (auto& c : components_of(any, threshold)) {
    auto parts = holds_two(c, whole_film) ? whole_film_bodies : parts_at_neck(c, side);
    if (parts.empty()) {
      if (c.side() <= kMaxSide * side) {
        add(std::move(c), any);
        continue;
      }
      parts = whole_film_bodies;
    }
    for (const cv::Mat& share : partition_by_nearest(any, parts)) {
      cv::Mat inside = cv::Mat::zeros(share.size(), CV_32FC1);
      share.copyTo(inside, c.mask);
      for (auto& part : components_of(inside, threshold)) add(std::move(part), share);
    }
  }
  return bodies;
}

/// Merges detections of the same body: keeps the most central one, with the mean evidence of both.
/// @param side  of a body, network pixels
void merge_duplicates(std::vector<BodyCandidate>& bodies, double side) {
  std::sort(bodies.begin(), bodies.end(), [](const BodyCandidate& a, const BodyCandidate& b) {
    return a.off_center < b.off_center;
  });
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    for (std::size_t j = bodies.size(); j-- > i + 1;) {
      const double distance = cv::norm(bodies[i].candidate.center - bodies[j].candidate.center);
      if (distance > kSameBody * side) continue;
      for (std::size_t k = 0; k < kLumbarCount; ++k) {
        double& evidence = bodies[i].candidate.evidence[k];
        evidence = 0.5 * (evidence + bodies[j].candidate.evidence[k]);
      }
      bodies.erase(bodies.begin() + static_cast<long>(j));
    }
  }
}

/// The channels of F1 and F2, exchanged when they agree better with the whole-film prediction that
/// way: overlapping heads may be assigned either way.
std::array<cv::Mat, 2> match_heads(const std::vector<cv::Mat>& probabilities,
                                   const WindowMasks& whole_film, double threshold) {
  const cv::Mat &p1 = probabilities[kHead1], &p2 = probabilities[kHead2];
  const auto fit = [&](const cv::Mat& plane, std::size_t head) {
    return whole_film[head].empty() ? 0.0 : agreement(plane >= threshold, whole_film[head]);
  };
  if (fit(p2, kHead1) + fit(p1, kHead2) > fit(p1, kHead1) + fit(p2, kHead2)) return {p2, p1};
  return {p1, p2};
}

/// The probabilities of each window, averaged with those of the windows that it overlaps.
std::vector<std::vector<cv::Mat>> blended(const std::vector<Roi>& rois,
                                          const std::vector<std::vector<cv::Mat>>& probabilities) {
  if (rois.empty()) return {};
  const cv::Mat weight = window_weight(rois[0].box.net);
  std::vector<std::vector<cv::Mat>> weighted(rois.size()), result(rois.size());
  for (std::size_t w = 0; w < rois.size(); ++w) {
    for (const cv::Mat& plane : probabilities[w]) weighted[w].push_back(plane.mul(weight));
  }
  for (std::size_t w = 0; w < rois.size(); ++w) {
    const Letterbox& box = rois[w].box;
    cv::Mat weights = weight.clone();
    for (const cv::Mat& plane : weighted[w]) result[w].push_back(plane.clone());
    for (std::size_t v = 0; v < rois.size(); ++v) {
      if (v == w) continue;
      const cv::Matx23d shift = net_to_net(box, rois[v].box);
      const auto warped = [&](const cv::Mat& plane) {
        cv::Mat out;
        cv::warpAffine(plane, out, shift, plane.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
        return out;
      };
      weights += warped(weight);
      for (std::size_t c = 0; c < result[w].size(); ++c) {
        result[w][c] += warped(weighted[v][c]);
      }
    }
    for (cv::Mat& plane : result[w]) plane /= weights;
  }
  return result;
}

class Refinement {
 public:
  Refinement(const std::vector<Roi>& rois, const std::vector<std::vector<cv::Mat>>& probabilities,
             const SegmentOptions& options, Segmentation& result)
      : rois_(rois),
        probabilities_(blended(rois, probabilities)),
        options_(options),
        result_(result),
        coarse_(result.masks) {
    for (const Roi& roi : rois_) window_masks_.push_back(window_masks(coarse_, roi.box));
  }

  void run() {
    refine_sacrum();
    refine_bodies();
    refine_heads();
    for (const std::size_t structure : {kSacrum, kHead1, kHead2}) {
      if (is_refined_[structure] || !coarse_.has(kStructures[structure])) continue;
      note(name(structure) + ": not confirmed in the ROI");
    }
    const auto spine = std::span(is_refined_).first<kSacrum + 1>();
    if (std::count(spine.begin(), spine.end(), true) < kMinRefined) reject();
  }

 private:
  static std::string name(std::size_t structure) {
    return std::string(to_string(kStructures[structure]));
  }

  /// Adds a note once, though both rounds may give it.
  void note(const std::string& text) {
    auto& notes = result_.notes;
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
  }

  /// Replaces a structure's mask, outline and confidence by those of a component of a window.
  void replace(std::size_t structure, const cv::Mat& plane, const Component& component,
               std::size_t window) {
    const cv::Mat alone = isolated(plane, component, options_.threshold);
    result_.masks.set(kStructures[structure],
                      upsampled_mask(alone, component.box, rois_[window].box, options_.threshold));
    result_.outlines[structure] = soft_outline(alone, options_.threshold, rois_[window].box);
    result_.confidence[structure] = component.mean();
    is_refined_[structure] = true;
  }

  /// No spine: the ROIs do not confirm the whole-film prediction.
  void reject() {
    result_.spine_found = false;
    result_.masks = MaskStack(coarse_.size());
    result_.confidence.fill(0);
    result_.outlines.fill({});
  }

  /// Refines a structure of the whole-film prediction where the window agrees with it.
  void refine(std::size_t structure, const cv::Mat& plane, std::size_t window) {
    const cv::Mat& coarse = window_masks_[window][structure];
    if (coarse.empty()) return;
    const auto component = best_component(plane, coarse, options_.threshold);
    if (component) replace(structure, plane, *component, window);
  }

  /// Adds a sacrum that only the ROI shows, not above the centre of the lowest body.
  void add_sacrum(std::size_t window) {
    const cv::Mat& plane = probabilities_[window][kSacrum];
    const double body = kRoiBodySide * rois_[window].box.net;
    double lowest = -1;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const Blob blob = blob_of(coarse_.crop(kStructures[i]));
      if (blob.area > 0) lowest = std::max(lowest, rois_[window].box.to_net(blob.center).y);
    }
    for (const auto& c : components_of(plane, options_.threshold)) {
      if (c.area < body * body || c.solidity < kMinSacrumSolidity || c.center.y < lowest) continue;
      replace(kSacrum, plane, c, window);
      note("S: found in the ROI");
      return;
    }
  }

  /// From the last lower window that shows the sacrum.
  void refine_sacrum() {
    for (std::size_t w = rois_.size(); w-- > 0 && !is_refined_[kSacrum];) {
      if (rois_[w].part != RoiPart::lower) continue;
      if (window_masks_[w][kSacrum].empty()) {
        add_sacrum(w);
      } else {
        refine(kSacrum, probabilities_[w][kSacrum], w);
      }
    }
  }

  void refine_bodies() {
    if (rois_.empty()) return;
    const Letterbox& frame = rois_.back().box;
    std::vector<BodyCandidate> bodies;
    for (std::size_t w = 0; w < rois_.size(); ++w) {
      if (rois_[w].part == RoiPart::hips) continue;
      const Letterbox& box = rois_[w].box;
      for (auto& body :
           bodies_in(probabilities_[w], window_masks_[w], box, frame, options_.threshold)) {
        body.window = w;
        bodies.push_back(std::move(body));
      }
    }
    merge_duplicates(bodies, kRoiBodySide * frame.net);
    std::vector<LevelCandidate> candidates;
    candidates.reserve(bodies.size() + 1);
    for (const BodyCandidate& body : bodies) candidates.push_back(body.candidate);
    if (auto sacrum = refined_sacrum(frame)) candidates.push_back(std::move(*sacrum));
    const auto labels = label_levels(candidates);
    result_.labelling_ambiguity = labelling_ambiguity(candidates, labels);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (!labels[i]) continue;
      const BodyCandidate& body = bodies[*labels[i]];
      replace(i, body.plane, body.component, body.window);
    }
    for (std::size_t i = 0; i < kLumbarCount; ++i) finalize(i, labels[i].has_value());
  }

  [[nodiscard]] std::optional<LevelCandidate> refined_sacrum(const Letterbox& frame) const {
    const Blob blob = blob_of(result_.masks.crop(Structure::S));
    if (blob.area <= 0) return std::nullopt;
    LevelCandidate sacrum{scaled(blob.center, frame), blob.area * area_scale(frame), {}};
    sacrum.evidence[kSacrum] = sacrum.area;
    // An L5 of the whole-film prediction that the ROI does not show may be part of the ROI's
    // sacrum, whose edge then says nothing about the levels.
    if (coarse_.has(Structure::L5)) return sacrum;
    const MaskCrop crop = result_.masks.crop(Structure::S);
    for (const cv::Point2d& p : edge_of(crop.pixels)) {
      sacrum.edge.push_back(scaled(p + cv::Point2d(crop.box.tl()), frame));
    }
    return sacrum;
  }

  /// Notes what changed for a level, and clears a whole-film body that was relabelled.
  void finalize(std::size_t level, bool refined) {
    const bool was_there = coarse_.has(kStructures[level]);
    if (refined && !was_there) note(name(level) + ": found in the ROI");
    if (refined || !was_there) return;
    const MaskCrop before = coarse_.crop(kStructures[level]);
    bool relabelled = false;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (i == level) continue;
      const cv::Mat now = result_.masks[kStructures[i]](before.box);
      const int shared = cv::countNonZero(before.pixels & now);
      relabelled = relabelled || shared > kRelabelled * cv::countNonZero(before.pixels);
    }
    if (!relabelled) {
      note(name(level) + ": not confirmed in the ROI");
      return;
    }
    result_.masks.clear(kStructures[level]);
    result_.confidence[level] = 0;
    result_.outlines[level].clear();
    note(name(level) + ": relabelled in the ROI");
  }

  void refine_heads() {
    for (std::size_t w = rois_.size(); w-- > 0;) {
      if (rois_[w].part != RoiPart::hips) continue;
      const auto heads = match_heads(probabilities_[w], window_masks_[w], options_.threshold);
      if (!is_refined_[kHead1]) refine(kHead1, heads[0], w);
      if (!is_refined_[kHead2]) refine(kHead2, heads[1], w);
    }
  }

  const std::vector<Roi>& rois_;
  const std::vector<std::vector<cv::Mat>> probabilities_;
  const SegmentOptions& options_;
  Segmentation& result_;
  const MaskStack coarse_;                 ///< before refinement
  std::vector<WindowMasks> window_masks_;  ///< of coarse_, for each window
  std::array<bool, kStructureCount> is_refined_{};
};

}  // namespace

void refine_from_rois(const std::vector<Roi>& rois,
                      const std::vector<std::vector<cv::Mat>>& probabilities,
                      const SegmentOptions& options, Segmentation& result) {
  Refinement(rois, probabilities, options, result).run();
}

}  // namespace spine
