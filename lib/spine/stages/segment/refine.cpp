#include "spine/stages/segment/refine.h"

#include <algorithm>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/stages/segment/components.h"
#include "spine/stages/segment/level_labelling.h"

namespace spine {
namespace {

constexpr double kMinAgreement = 0.4;  // intersection over union of both predictions
// Against a body's side in the window: a component that can be a body; two views of one body.
constexpr double kMinSide = 0.6, kMaxSide = 1.4, kSameBody = 0.5;
// Two bodies joined: the least side of both, the widest neck (half of it), the least of each.
constexpr double kMaybeTwo = 1.25, kMaxNeck = 0.2, kMinPart = 0.25;
constexpr double kMinSolidity = 0.8, kMinSacrumSolidity = 0.4;
constexpr int kMinDrawn = 3;  // bodies and sacrum of a spine
// Part of a body of the whole-film prediction that belongs to other bodies now, from which it is
// one of them.
constexpr double kTaken = 0.3;
constexpr double kWholeFilmLabelWeight =
    0.5;  // of the whole-film prediction's name against the ROI's

constexpr std::size_t kSacrum = index(Structure::S);
constexpr std::size_t kHead1 = index(Structure::F1), kHead2 = index(Structure::F2);

double agreement(const cv::Mat& a, const cv::Mat& b) {
  const int both = cv::countNonZero(a & b);
  const int either = cv::countNonZero(a | b);
  return either > 0 ? static_cast<double>(both) / either : 0;
}

/// The component of a plane that agrees best with what was seen first.
std::optional<Component> best_component(const cv::Mat& plane, const cv::Mat& first,
                                        double threshold) {
  std::optional<Component> best;
  double best_agreement = kMinAgreement;
  for (auto& c : components_of(plane, threshold)) {
    const double a = agreement(c.mask, first);
    if (a < best_agreement) continue;
    best_agreement = a;
    best = std::move(c);
  }
  return best;
}

/// For each of several areas, the probability of any body where that area is the nearest one.
std::vector<cv::Mat> share_among(const cv::Mat& any, const std::vector<cv::Mat>& areas) {
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

/// What is left of two bodies that only a neck joins, when it is worn away; else nothing.
/// @param side  of a body, network pixels
std::vector<cv::Mat> parts_at_neck(const Component& c, double side) {
  std::vector<cv::Mat> parts;
  if (c.side() < kMaybeTwo * side) return parts;
  for (int radius = 1; radius <= kMaxNeck * side && parts.size() < 2; ++radius) {
    cv::Mat worn, labels, stats, centers;
    cv::erode(c.mask, worn,
              cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * radius + 1, 2 * radius + 1}));
    const int count = cv::connectedComponentsWithStats(worn, labels, stats, centers, 4);
    parts.clear();
    for (int label = 1; label < count; ++label) {
      if (stats.at<int>(label, cv::CC_STAT_AREA) < kMinPart * side * side) continue;
      parts.emplace_back(labels == label);
    }
  }
  if (parts.size() < 2) parts.clear();
  return parts;
}

/// A body in one of the ROIs.
struct SeenBody {
  std::size_t window = 0;
  Component component;
  cv::Mat plane;  ///< the probability it is drawn from
  double off_center = 0;
  LevelCandidate part;  ///< in the film's frame, network pixels
};

/// A place on the film, in pixels of a window's size.
cv::Point2d scaled(cv::Point2d film, const Letterbox& window) {
  return {film.x * window.scale_x, film.y * window.scale_y};
}

/// A window's pixels for one of the film's.
double area_scale(const Letterbox& window) { return window.scale_x * window.scale_y; }

bool touches_border(const Component& c, int net) {
  return c.box.x <= 0 || c.box.y <= 0 || c.box.br().x >= net || c.box.br().y >= net;
}

/// Whether a component holds most of two bodies of the whole-film prediction.
bool holds_two(const Component& c, const WindowMasks& first) {
  int held = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (first[i].empty()) continue;
    if (2 * cv::countNonZero(first[i] & c.mask) > cv::countNonZero(first[i])) ++held;
  }
  return held >= 2;
}

/// Components of any body; what is no single one is cut at its neck or shared among the first
/// look's bodies.
/// @param frame  to whose scale places and areas on the film are brought
std::vector<SeenBody> bodies_in(const std::vector<cv::Mat>& probabilities, const WindowMasks& first,
                                const Letterbox& box, const Letterbox& frame, double threshold) {
  const double side = kRoiBodySide * box.net;
  const cv::Mat any = any_body(probabilities);
  std::vector<SeenBody> bodies;
  const auto take = [&](Component&& c, const cv::Mat& plane) {
    if (c.side() < kMinSide * side || c.side() > kMaxSide * side || c.solidity < kMinSolidity ||
        touches_border(c, box.net)) {
      return;
    }
    SeenBody body;
    body.plane = plane;
    body.off_center = cv::norm(c.center - cv::Point2d(0.5 * box.net, 0.5 * box.net));
    body.part.center = scaled(box.to_film(c.center), frame);
    body.part.area = c.area / area_scale(box) * area_scale(frame);
    body.part.evidence = level_evidence(probabilities, c);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (first[i].empty()) continue;
      body.part.evidence[i] += kWholeFilmLabelWeight * cv::countNonZero(first[i] & c.mask);
    }
    body.component = std::move(c);
    bodies.push_back(std::move(body));
  };
  std::vector<cv::Mat> known;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!first[i].empty()) known.push_back(first[i]);
  }
  for (auto& c : components_of(any, threshold)) {
    auto parts = holds_two(c, first) ? known : parts_at_neck(c, side);
    if (parts.empty()) {
      if (c.side() <= kMaxSide * side) {
        take(std::move(c), any);
        continue;
      }
      parts = known;
    }
    for (const cv::Mat& share : share_among(any, parts)) {
      cv::Mat inside = cv::Mat::zeros(share.size(), CV_32FC1);
      share.copyTo(inside, c.mask);
      for (auto& part : components_of(inside, threshold)) take(std::move(part), share);
    }
  }
  return bodies;
}

/// One view of each body: the more central one, with what both windows say of its name.
void merge_views(std::vector<SeenBody>& bodies, double side) {
  std::sort(bodies.begin(), bodies.end(),
            [](const SeenBody& a, const SeenBody& b) { return a.off_center < b.off_center; });
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    for (std::size_t j = bodies.size(); j-- > i + 1;) {
      const double distance = cv::norm(bodies[i].part.center - bodies[j].part.center);
      if (distance > kSameBody * side) continue;
      for (std::size_t k = 0; k < kLumbarCount; ++k) {
        double& evidence = bodies[i].part.evidence[k];
        evidence = 0.5 * (evidence + bodies[j].part.evidence[k]);
      }
      bodies.erase(bodies.begin() + static_cast<long>(j));
    }
  }
}

/// The channels of both heads as the whole-film prediction names them: which is which is a matter
/// of taste where they cover each other.
std::array<cv::Mat, 2> name_heads(const std::vector<cv::Mat>& probabilities,
                                  const WindowMasks& first, double threshold) {
  const cv::Mat &p1 = probabilities[kHead1], &p2 = probabilities[kHead2];
  const auto fit = [&](const cv::Mat& plane, std::size_t head) {
    return first[head].empty() ? 0.0 : agreement(plane >= threshold, first[head]);
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
      // Where the pixels of window w lie in window v.
      const cv::Point2d to = rois[v].box.to_net(box.to_film({0, 0}));
      const cv::Matx23d shift(rois[v].box.scale_x / box.scale_x, 0, to.x, 0,
                              rois[v].box.scale_y / box.scale_y, to.y);
      const auto moved = [&](const cv::Mat& plane) {
        cv::Mat out;
        cv::warpAffine(plane, out, shift, plane.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
        return out;
      };
      weights += moved(weight);
      for (std::size_t c = 0; c < result[w].size(); ++c) {
        result[w][c] += moved(weighted[v][c]);
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
        first_(result.masks) {
    for (const Roi& roi : rois_) seen_.push_back(window_masks(first_, roi.box));
  }

  void run() {
    refine_sacrum();
    refine_bodies();
    refine_heads();
    for (const std::size_t structure : {kSacrum, kHead1, kHead2}) {
      if (drawn_[structure] || !first_.has(kStructures[structure])) continue;
      note(name(structure) + ": not found again in the ROI");
    }
    if (std::count(drawn_.begin(), drawn_.begin() + kSacrum + 1, true) < kMinDrawn) give_up();
  }

 private:
  static std::string name(std::size_t structure) {
    return std::string(to_string(kStructures[structure]));
  }

  /// Both rounds may find the same; it is said once.
  void note(const std::string& text) {
    auto& notes = result_.notes;
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
  }

  void draw(std::size_t structure, const cv::Mat& plane, const Component& component,
            std::size_t window) {
    const cv::Mat alone = isolated(plane, component, options_.threshold);
    result_.masks.set(kStructures[structure],
                      upsampled_mask(alone, component.box, rois_[window].box, options_.threshold));
    result_.outlines[structure] = soft_outline(alone, options_.threshold, rois_[window].box);
    result_.confidence[structure] = component.mean();
    drawn_[structure] = true;
  }

  /// What no ROI shows again was no spine.
  void give_up() {
    result_.spine_found = false;
    result_.masks = MaskStack(first_.size());
    result_.confidence.fill(0);
    result_.outlines.fill({});
  }

  /// As the whole-film prediction saw it, where an ROI agrees.
  void refine(std::size_t structure, const cv::Mat& plane, std::size_t window) {
    const cv::Mat& seen = seen_[window][structure];
    if (seen.empty()) return;
    const auto component = best_component(plane, seen, options_.threshold);
    if (component) draw(structure, plane, *component, window);
  }

  /// The sacrum where only the ROI shows one, behind or below all bodies.
  void add_sacrum(std::size_t window) {
    const cv::Mat& plane = probabilities_[window][kSacrum];
    const double body = kRoiBodySide * rois_[window].box.net;
    double lowest = -1;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const Blob blob = blob_of(first_.crop(kStructures[i]));
      if (blob.area > 0) lowest = std::max(lowest, rois_[window].box.to_net(blob.center).y);
    }
    for (const auto& c : components_of(plane, options_.threshold)) {
      if (c.area < body * body || c.solidity < kMinSacrumSolidity || c.center.y < lowest) continue;
      draw(kSacrum, plane, c, window);
      note("S: found in the ROI");
      return;
    }
  }

  /// From the last window that shows it, as the heads are.
  void refine_sacrum() {
    for (std::size_t w = rois_.size(); w-- > 0 && !drawn_[kSacrum];) {
      if (rois_[w].part != RoiPart::lower) continue;
      if (seen_[w][kSacrum].empty()) {
        add_sacrum(w);
      } else {
        refine(kSacrum, probabilities_[w][kSacrum], w);
      }
    }
  }

  void refine_bodies() {
    if (rois_.empty()) return;
    const Letterbox& frame = rois_.back().box;
    std::vector<SeenBody> bodies;
    for (std::size_t w = 0; w < rois_.size(); ++w) {
      if (rois_[w].part == RoiPart::hips) continue;
      const Letterbox& box = rois_[w].box;
      for (auto& body : bodies_in(probabilities_[w], seen_[w], box, frame, options_.threshold)) {
        body.window = w;
        bodies.push_back(std::move(body));
      }
    }
    merge_views(bodies, kRoiBodySide * frame.net);
    std::vector<LevelCandidate> parts;
    parts.reserve(bodies.size() + 1);
    for (const SeenBody& body : bodies) parts.push_back(body.part);
    if (auto sacrum = refined_sacrum(frame)) parts.push_back(std::move(*sacrum));
    const auto names = label_levels(parts);
    result_.labelling_ambiguity = labelling_ambiguity(parts, names);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (!names[i]) continue;
      const SeenBody& body = bodies[*names[i]];
      draw(i, body.plane, body.component, body.window);
    }
    for (std::size_t i = 0; i < kLumbarCount; ++i) finalize(i, names[i].has_value());
  }

  [[nodiscard]] std::optional<LevelCandidate> refined_sacrum(const Letterbox& frame) const {
    const Blob blob = blob_of(result_.masks.crop(Structure::S));
    if (blob.area <= 0) return std::nullopt;
    LevelCandidate sacrum{scaled(blob.center, frame), blob.area * area_scale(frame), {}};
    sacrum.evidence[kSacrum] = sacrum.area;
    // The whole-film prediction's L5 that the ROI does not show may be where it classifies it as
    // sacrum.
    if (first_.has(Structure::L5)) return sacrum;
    const MaskCrop crop = result_.masks.crop(Structure::S);
    for (const cv::Point2d& p : edge_of(crop.pixels)) {
      sacrum.edge.push_back(scaled(p + cv::Point2d(crop.box.tl()), frame));
    }
    return sacrum;
  }

  /// What becomes of the whole-film prediction's body, and what the notes say of it.
  void finalize(std::size_t level, bool drawn) {
    const bool was_there = first_.has(kStructures[level]);
    if (drawn && !was_there) note(name(level) + ": found in the ROI");
    if (drawn || !was_there) return;
    const MaskCrop before = first_.crop(kStructures[level]);
    bool taken = false;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (i == level) continue;
      const cv::Mat now = result_.masks[kStructures[i]](before.box);
      const int shared = cv::countNonZero(before.pixels & now);
      taken = taken || shared > kTaken * cv::countNonZero(before.pixels);
    }
    if (!taken) {
      note(name(level) + ": not found again in the ROI");
      return;
    }
    result_.masks.clear(kStructures[level]);
    result_.confidence[level] = 0;
    result_.outlines[level].clear();
    note(name(level) + ": has another level in the ROI");
  }

  void refine_heads() {
    for (std::size_t w = rois_.size(); w-- > 0;) {
      if (rois_[w].part != RoiPart::hips) continue;
      const auto heads = name_heads(probabilities_[w], seen_[w], options_.threshold);
      if (!drawn_[kHead1]) refine(kHead1, heads[0], w);
      if (!drawn_[kHead2]) refine(kHead2, heads[1], w);
    }
  }

  const std::vector<Roi>& rois_;
  const std::vector<std::vector<cv::Mat>> probabilities_;
  const SegmentOptions& options_;
  Segmentation& result_;
  const MaskStack first_;
  std::vector<WindowMasks> seen_;
  std::array<bool, kStructureCount> drawn_{};
};

}  // namespace

void refine_from_rois(const std::vector<Roi>& rois,
                      const std::vector<std::vector<cv::Mat>>& probabilities,
                      const SegmentOptions& options, Segmentation& result) {
  Refinement(rois, probabilities, options, result).run();
}

}  // namespace spine
