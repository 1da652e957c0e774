#include "spine/stages/close_up.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/stages/components.h"

namespace spine {
namespace {

constexpr double kBodyPart = 0.172;    // of the window's side
constexpr double kMinAgreement = 0.4;  // intersection over union of both looks
/// A window around the middle of these shows a part whole.
std::span<const Structure> structures_of(std::size_t part) {
  using enum Structure;
  static constexpr std::array<Structure, 3> kUpper{L1, L2, L3}, kHips{S, F1, F2};
  static constexpr std::array<Structure, 2> kLower{L5, S};
  if (part == 0) return kUpper;
  if (part == 1) return kLower;
  return kHips;
}

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

/// What a first look saw of a structure, in the window; empty where it saw nothing.
using FirstLook = std::array<cv::Mat, kStructureCount>;

FirstLook first_look(const MaskStack& masks, const Letterbox& box) {
  FirstLook first;
  for (const Structure s : kStructures) {
    if (!masks.has(s)) continue;
    const cv::Mat shown = cut(masks[s], box) > 127;
    if (cv::countNonZero(shown) > 0) first[index(s)] = shown;
  }
  return first;
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
std::array<cv::Mat, kLumbarCount> share_bodies(const cv::Mat& any, const FirstLook& first) {
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

/// Where a missing body should be, from two others or one on each side; nullopt without them.
std::optional<cv::Point2d> expected_center(const Blobs& blobs, std::size_t level) {
  const auto has = [&](std::size_t i) { return i < kLumbarCount && blobs[i].area > 0; };
  const auto at = [&](std::size_t i) { return blobs[i].center; };
  if (level > 0 && has(level - 1) && has(level + 1)) return 0.5 * (at(level - 1) + at(level + 1));
  if (has(level + 1) && has(level + 2)) return 2 * at(level + 1) - at(level + 2);
  if (level > 1 && has(level - 1) && has(level - 2)) return 2 * at(level - 1) - at(level - 2);
  return std::nullopt;
}

/// A body at the expected place that the first look did not see.
std::optional<Component> unseen_body(const cv::Mat& unclaimed, cv::Point2d expected,
                                     double threshold) {
  const double side = kBodyPart * unclaimed.rows;
  for (auto& c : components_of(unclaimed, threshold)) {
    if (cv::norm(c.center - expected) > 0.45 * side) continue;
    if (c.side() < 0.7 * side || c.side() > 1.4 * side || c.solidity < 0.8) continue;
    return std::move(c);
  }
  return std::nullopt;
}

/// The channels of both heads as the first look names them: which is which is a matter of taste
/// where they cover each other.
std::array<cv::Mat, 2> name_heads(const std::vector<cv::Mat>& probabilities, const FirstLook& first,
                                  double threshold) {
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
  const Blobs blobs = blobs_of(masks, square_pixels);
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

void redraw_from_close_up(const CloseUp& close_up, const MaskStack& first,
                          const std::vector<cv::Mat>& probabilities, const SegmentOptions& options,
                          Segmentation& result) {
  const FirstLook seen = first_look(first, close_up.box);
  const auto draw = [&](Structure s, const cv::Mat& plane, const Component& component) {
    const cv::Mat alone = isolated(plane, component, options.threshold);
    result.masks.set(s, upsampled_mask(alone, component.box, close_up.box, options.threshold));
    result.confidence[index(s)] = component.mean();
  };
  const auto redraw = [&](Structure s, const cv::Mat& plane) {
    const std::size_t i = index(s);
    if (seen[i].empty()) return;
    const auto component = best_component(plane, seen[i], options.threshold);
    if (!component) {
      result.notes.push_back(std::string(to_string(s)) + ": not found again in the close-up");
      return;
    }
    draw(s, plane, *component);
  };
  const auto redraw_bodies = [&](std::size_t from, std::size_t to) {
    const cv::Mat any = any_body(probabilities);
    const auto shares = share_bodies(any, seen);
    for (std::size_t i = from; i < to; ++i) redraw(kStructures[i], shares[i]);

    cv::Mat unclaimed = any.clone();
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      if (!seen[i].empty()) unclaimed.setTo(0, seen[i]);
    }
    Blobs blobs = blobs_of(result.masks, close_up.box);
    for (std::size_t i = to; i-- > from;) {
      const auto expected = expected_center(blobs, i);
      if (blobs[i].area > 0 || !expected) continue;
      const auto body = unseen_body(unclaimed, *expected, options.threshold);
      if (!body) continue;
      draw(kStructures[i], unclaimed, *body);
      blobs[i] = {body->area, body->center};
      result.notes.push_back(std::string(to_string(kStructures[i])) + ": found in the close-up");
    }
  };
  switch (close_up.part) {
    case 0:
      redraw_bodies(index(Structure::L1), index(Structure::L4));
      break;
    case 1:
      redraw_bodies(index(Structure::L4), kLumbarCount);
      redraw(Structure::S, probabilities[index(Structure::S)]);
      break;
    default: {
      const auto heads = name_heads(probabilities, seen, options.threshold);
      redraw(Structure::F1, heads[0]);
      redraw(Structure::F2, heads[1]);
      order_heads(first, result);
    }
  }
}

}  // namespace spine
