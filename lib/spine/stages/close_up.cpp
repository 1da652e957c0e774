#include "spine/stages/close_up.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/stages/column.h"
#include "spine/stages/components.h"

namespace spine {
namespace {

constexpr double kBodyPart = 0.172;    // of the window's side
constexpr double kMinAgreement = 0.4;  // intersection over union of both looks
// Against a body's side in the window: a component that can be a body; two views of one body.
constexpr double kMinSide = 0.6, kMaxSide = 1.4, kSameBody = 0.5;
constexpr double kMinSolidity = 0.8;
constexpr int kMinDrawn = 3;  // bodies and sacrum of a spine
// Part of a body of the first look that belongs to other bodies now, from which it is one of them.
constexpr double kTaken = 0.3;
// What the first look's name is worth against the close-up's, and being named at all.
constexpr double kFirstNameWorth = 0.5, kNamingWorth = 0.02;
constexpr std::size_t kUpper = 0, kLower = 1, kHips = 2;  // parts

/// A window around the middle of these shows a part whole.
std::span<const Structure> structures_of(std::size_t part) {
  using enum Structure;
  static constexpr std::array<Structure, 4> kUpperBodies{L1, L2, L3, L4};
  static constexpr std::array<Structure, 3> kHeads{S, F1, F2};
  static constexpr std::array<Structure, 2> kLowest{L5, S};
  if (part == kUpper) return kUpperBodies;
  if (part == kLower) return kLowest;
  return kHeads;
}

constexpr std::size_t kSacrum = index(Structure::S);
constexpr std::size_t kHead1 = index(Structure::F1), kHead2 = index(Structure::F2);

/// The film pixels that the window covers; may reach beyond the film.
cv::Rect window_of(const Letterbox& box) {
  const cv::Point2d first = box.to_film({-0.5, -0.5});
  const cv::Point2d last = box.to_film({box.net - 0.5, box.net - 0.5});
  const cv::Point top_left(cvRound(first.x + 0.5), cvRound(first.y + 0.5));
  return {top_left, cv::Point(cvRound(last.x + 0.5), cvRound(last.y + 0.5))};
}

/// The window's pixels of an image of the film's size, zero beyond it, at the network's size.
cv::Mat cut(const cv::Mat& image, const Letterbox& box) {
  const cv::Rect window = window_of(box);
  const cv::Rect inside = window & cv::Rect({}, image.size());
  cv::Mat all = cv::Mat::zeros(window.size(), image.type());
  if (!inside.empty()) image(inside).copyTo(all(inside - window.tl()));
  const bool shrinks = window.width >= box.net && window.height >= box.net;
  cv::Mat square;
  cv::resize(all, square, {box.net, box.net}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return square;
}

/// Where the structures lie in the network's frame, also beyond the window.
Blobs blobs_of(const MaskStack& masks, const Letterbox& box) {
  Blobs blobs;
  for (const Structure s : kStructures) {
    Blob& blob = blobs[index(s)];
    blob = blob_of(masks[s]);
    blob.area *= box.scale_x * box.scale_y;
    blob.center = box.to_net(blob.center);
  }
  return blobs;
}

/// Bodies where the others let expect them, so that windows take them in.
void add_expected_bodies(Blobs& blobs) {
  const auto has = [&](std::size_t i) { return i < kLumbarCount && blobs[i].area > 0; };
  const auto put = [&](std::size_t i, double weight, std::size_t a, std::size_t b) {
    if (has(i) || !has(a) || !has(b)) return;
    blobs[i] = {blobs[a].area, blobs[a].center + weight * (blobs[a].center - blobs[b].center)};
  };
  for (std::size_t i = 1; i < kLumbarCount; ++i) put(i, -0.5, i - 1, i + 1);
  for (std::size_t i = kLumbarCount; i-- > 0;) put(i, 1, i + 1, i + 2);
  for (std::size_t i = 2; i < kLumbarCount; ++i) put(i, 1, i - 1, i - 2);
}

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

cv::Mat any_body(const std::vector<cv::Mat>& probabilities) {
  cv::Mat any = probabilities[0].clone();
  for (std::size_t i = 1; i < kLumbarCount; ++i) any += probabilities[i];
  return cv::min(any, 1.0);
}

/// For each body of the first look, the probability of any body where it is the nearest one.
std::array<cv::Mat, kLumbarCount> share_bodies(const cv::Mat& any, const WindowMasks& first) {
  std::array<cv::Mat, kLumbarCount> distances, shares;
  cv::Mat nearest(any.size(), CV_32FC1, cv::Scalar(1e9));
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (first[i].empty()) continue;
    cv::distanceTransform(~first[i], distances[i], cv::DIST_L2, cv::DIST_MASK_PRECISE);
    nearest = cv::min(nearest, distances[i]);
  }
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (first[i].empty()) continue;
    shares[i] = cv::Mat::zeros(any.size(), CV_32FC1);
    any.copyTo(shares[i], distances[i] <= nearest);
  }
  return shares;
}

/// A body in one of the close-ups.
struct SeenBody {
  std::size_t window = 0;
  Component component;
  cv::Mat plane;  ///< the probability it is drawn from
  double off_center = 0;
  ColumnPart part;  ///< in the film's frame, network pixels
};

bool touches_border(const Component& c, int net) {
  return c.box.x <= 0 || c.box.y <= 0 || c.box.br().x >= net || c.box.br().y >= net;
}

/// Whether a component holds most of two bodies of the first look.
bool holds_two(const Component& c, const WindowMasks& first) {
  int held = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (first[i].empty()) continue;
    if (2 * cv::countNonZero(first[i] & c.mask) > cv::countNonZero(first[i])) ++held;
  }
  return held >= 2;
}

/// Components of any body; what is no single one is shared among the first look's bodies.
std::vector<SeenBody> bodies_in(const std::vector<cv::Mat>& probabilities, const WindowMasks& first,
                                const Letterbox& box, double threshold) {
  const double side = kBodyPart * box.net;
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
    const cv::Point2d film = box.to_film(c.center);
    body.part.center = {film.x * box.scale_x, film.y * box.scale_y};
    body.part.area = c.area;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const double named = cv::mean(probabilities[i], c.mask)[0] * c.area;
      const double named_first = first[i].empty() ? 0 : cv::countNonZero(first[i] & c.mask);
      body.part.evidence[i] = named + kFirstNameWorth * named_first + kNamingWorth * c.mass;
    }
    body.component = std::move(c);
    bodies.push_back(std::move(body));
  };
  const auto shares = share_bodies(any, first);
  for (auto& c : components_of(any, threshold)) {
    if (c.side() <= kMaxSide * side && !holds_two(c, first)) {
      take(std::move(c), any);
      continue;
    }
    for (const cv::Mat& share : shares) {
      if (share.empty()) continue;
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

/// The channels of both heads as the first look names them: which is which is a matter of taste
/// where they cover each other.
std::array<cv::Mat, 2> name_heads(const std::vector<cv::Mat>& probabilities,
                                  const WindowMasks& first, double threshold) {
  const cv::Mat &p1 = probabilities[kHead1], &p2 = probabilities[kHead2];
  const auto fit = [&](const cv::Mat& plane, std::size_t head) {
    return first[head].empty() ? 0.0 : agreement(plane >= threshold, first[head]);
  };
  if (fit(p2, kHead1) + fit(p1, kHead2) > fit(p1, kHead1) + fit(p2, kHead2)) return {p2, p1};
  return {p1, p2};
}

/// F1 is the more anterior head, as it was in the first look.
void order_heads(const MaskStack& first, Segmentation& result) {
  const auto ahead = [](const MaskStack& masks) {
    return blob_of(masks[Structure::F1]).center.x - blob_of(masks[Structure::F2]).center.x;
  };
  if (!first.has(Structure::F1) || !first.has(Structure::F2)) return;
  if (ahead(first) * ahead(result.masks) >= 0) return;
  const cv::Mat second = result.masks[Structure::F2].clone();
  result.masks.set(Structure::F2, result.masks[Structure::F1]);
  result.masks.set(Structure::F1, second);
  std::swap(result.confidence[kHead1], result.confidence[kHead2]);
}

class Redrawing {
 public:
  Redrawing(const std::vector<CloseUp>& close_ups,
            const std::vector<std::vector<cv::Mat>>& probabilities, const SegmentOptions& options,
            Segmentation& result)
      : close_ups_(close_ups),
        probabilities_(probabilities),
        options_(options),
        result_(result),
        first_(result.masks) {
    for (const CloseUp& close_up : close_ups_) seen_.push_back(window_masks(first_, close_up.box));
  }

  void run() {
    redraw_column();
    for (std::size_t w = 0; w < close_ups_.size(); ++w) {
      if (close_ups_[w].part == kHips) redraw_heads(w);
    }
    if (drawn_ < kMinDrawn) give_up();
  }

 private:
  static std::string name(std::size_t structure) {
    return std::string(to_string(kStructures[structure]));
  }

  void draw(std::size_t structure, const cv::Mat& plane, const Component& component,
            std::size_t window) {
    const cv::Mat alone = isolated(plane, component, options_.threshold);
    result_.masks.set(
        kStructures[structure],
        upsampled_mask(alone, component.box, close_ups_[window].box, options_.threshold));
    result_.confidence[structure] = component.mean();
    if (structure <= kSacrum) ++drawn_;
  }

  /// What no close-up shows again was no spine.
  void give_up() {
    result_.spine_found = false;
    result_.masks = MaskStack(first_.size());
    result_.confidence.fill(0);
  }

  /// As the first look saw it, where a close-up agrees.
  void redraw(std::size_t structure, const cv::Mat& plane, std::size_t window) {
    const cv::Mat& seen = seen_[window][structure];
    if (seen.empty()) return;
    if (const auto component = best_component(plane, seen, options_.threshold)) {
      draw(structure, plane, *component, window);
    } else {
      result_.notes.push_back(name(structure) + ": not found again in the close-up");
    }
  }

  void redraw_column() {
    std::vector<SeenBody> bodies;
    double side = 0;
    std::optional<ColumnPart> sacrum;
    for (std::size_t w = 0; w < close_ups_.size(); ++w) {
      if (close_ups_[w].part == kHips) continue;
      const Letterbox& box = close_ups_[w].box;
      side = kBodyPart * box.net;
      for (auto& body : bodies_in(probabilities_[w], seen_[w], box, options_.threshold)) {
        body.window = w;
        bodies.push_back(std::move(body));
      }
      if (close_ups_[w].part != kLower) continue;
      redraw(kSacrum, probabilities_[w][kSacrum], w);
      const Blob blob = blob_of(result_.masks[Structure::S]);
      if (blob.area <= 0) continue;
      sacrum = ColumnPart{{blob.center.x * box.scale_x, blob.center.y * box.scale_y},
                          blob.area * box.scale_x * box.scale_y,
                          {}};
      sacrum->evidence[kSacrum] = sacrum->area;
    }
    merge_views(bodies, side);
    std::vector<ColumnPart> parts;
    for (const SeenBody& body : bodies) parts.push_back(body.part);
    if (sacrum) parts.push_back(*sacrum);
    const auto names = name_column(parts);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (names[i])
        draw(i, bodies[*names[i]].plane, bodies[*names[i]].component, bodies[*names[i]].window);
    }
    for (std::size_t i = 0; i < kLumbarCount; ++i) settle(i, names[i].has_value());
  }

  /// What becomes of the first look's body, and what the notes say of it.
  void settle(std::size_t level, bool drawn) {
    const bool was_there = first_.has(kStructures[level]);
    if (drawn && !was_there) result_.notes.push_back(name(level) + ": found in the close-up");
    if (drawn || !was_there) return;
    const cv::Mat& before = first_[kStructures[level]];
    bool taken = false;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (i == level) continue;
      const int shared = cv::countNonZero(before & result_.masks[kStructures[i]]);
      taken = taken || shared > kTaken * cv::countNonZero(before);
    }
    if (!taken) {
      result_.notes.push_back(name(level) + ": not found again in the close-up");
      return;
    }
    result_.masks.set(kStructures[level], cv::Mat::zeros(first_.size(), CV_8UC1));
    result_.confidence[level] = 0;
    result_.notes.push_back(name(level) + ": has another name in the close-up");
  }

  void redraw_heads(std::size_t window) {
    const auto heads = name_heads(probabilities_[window], seen_[window], options_.threshold);
    redraw(kHead1, heads[0], window);
    redraw(kHead2, heads[1], window);
    order_heads(first_, result_);
  }

  const std::vector<CloseUp>& close_ups_;
  const std::vector<std::vector<cv::Mat>>& probabilities_;
  const SegmentOptions& options_;
  Segmentation& result_;
  const MaskStack first_;
  std::vector<WindowMasks> seen_;
  int drawn_ = 0;  ///< bodies and sacrum
};

}  // namespace

Blob blob_of(const cv::Mat& mask) {
  const cv::Rect box = cv::boundingRect(mask);
  if (box.empty()) return {};
  const cv::Moments m = cv::moments(mask(box), /*binaryImage=*/true);
  return {m.m00, cv::Point2d(box.tl()) + cv::Point2d(m.m10 / m.m00, m.m01 / m.m00)};
}

std::optional<CloseUpView> close_up_view(const Blobs& blobs, std::size_t part, int net_size) {
  double area = 0;
  int bodies = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (blobs[i].area <= 0) continue;
    area += blobs[i].area;
    ++bodies;
  }
  cv::Point2d sum;
  int found = 0;
  for (const Structure s : structures_of(part)) {
    if (blobs[index(s)].area <= 0) continue;
    sum += blobs[index(s)].center;
    ++found;
  }
  if (bodies == 0 || found == 0) return std::nullopt;
  return CloseUpView{sum / found, kBodyPart * net_size / std::sqrt(area / bodies)};
}

std::vector<CloseUp> plan_close_ups(const MaskStack& masks, const std::optional<Spacing>& spacing,
                                    int net_size) {
  // Rows are the unit; columns may be wider or narrower.
  const double aspect = spacing ? spacing->col_mm / spacing->row_mm : 1.0;
  Letterbox square_pixels;
  square_pixels.scale_x = aspect;
  Blobs blobs = blobs_of(masks, square_pixels);
  add_expected_bodies(blobs);
  std::vector<CloseUp> result;
  for (std::size_t part = 0; part < kCloseUpCount; ++part) {
    const auto view = close_up_view(blobs, part, net_size);
    if (!view) continue;
    // Whole film pixels, so that averaging needs no fractions of them.
    const int width = std::max(1, cvRound(net_size / (view->scale * aspect)));
    const int height = std::max(1, cvRound(net_size / view->scale));
    CloseUp close_up;
    close_up.part = part;
    Letterbox& box = close_up.box;
    box.film = masks.size();
    box.net = net_size;
    box.scale_x = static_cast<double>(net_size) / width;
    box.scale_y = static_cast<double>(net_size) / height;
    const int left = cvRound(view->middle.x / aspect - 0.5 * width);
    const int top = cvRound(view->middle.y - 0.5 * height);
    box.offset_x = (0.5 - left) * box.scale_x - 0.5;
    box.offset_y = (0.5 - top) * box.scale_y - 0.5;
    result.push_back(close_up);
  }
  return result;
}

cv::Mat to_close_up_square(const Image& film, const Letterbox& box) {
  cv::Mat square;
  cut(film.pixels(), box).convertTo(square, CV_32F);
  stretch_range(square, {0, 0, box.net, box.net});
  return square;
}

WindowMasks window_masks(const MaskStack& masks, const Letterbox& box) {
  WindowMasks shown;
  for (const Structure s : kStructures) {
    if (!masks.has(s)) continue;
    const cv::Mat mask = cut(masks[s], box) > 127;
    if (cv::countNonZero(mask) > 0) shown[index(s)] = mask;
  }
  return shown;
}

void redraw_from_close_ups(const std::vector<CloseUp>& close_ups,
                           const std::vector<std::vector<cv::Mat>>& probabilities,
                           const SegmentOptions& options, Segmentation& result) {
  Redrawing(close_ups, probabilities, options, result).run();
}

}  // namespace spine
