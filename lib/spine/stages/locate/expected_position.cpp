#include "spine/stages/locate/expected_position.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/statistics.h"
#include "spine/stages/locate/contour_profile.h"
#include "spine/stages/locate/local_outline.h"

namespace spine {
namespace {

// Usual position of S1 below L5: distance in lengths of the inferior endplate of L5, and rotation
// relative to it.
constexpr double kL5ToS1 = 0.3, kL5ToS1Deg = 12;

// Distance in any direction beyond which another body may lie between, in median heights of a body.
constexpr double kFar = 1.2;

// Beyond these limits, in medians of the other bodies, an endplate converged to another one's.
constexpr double kLeastHeight = 0.55, kShortestPlate = 0.65, kLongestPlate = 1.5;
constexpr double kShortestS1 = 0.5;  // domed ones have short endplates
// Endplates nearer than this, in lengths, are the same: a collapsed disc leaves 0.05.
constexpr double kSamePlate = 0.03;
constexpr double kMaxS1Overlap = 0.15;  // above the inferior endplate of L5, in lengths
// A body that was sought is accepted within these limits, in heights and depths of the expected
// one.
constexpr double kMinSize = 0.6, kMaxSize = 1.5, kMaxShift = 0.4;

/// A body as a rectangle.
struct Pose {
  cv::Point2d center;
  cv::Point2d forwards;  ///< from the posterior to the anterior wall
  cv::Point2d down;      ///< from the superior to the inferior endplate
};

Pose pose_of(const VertebraCorners& body) {
  const cv::Point2d top = midpoint(body.sup), bottom = midpoint(body.inf);
  return {0.5 * (top + bottom), 0.5 * (body.sup.ant - body.sup.post + body.inf.ant - body.inf.post),
          bottom - top};
}

VertebraCorners corners_of(const Pose& pose) {
  const auto plate = [&](double side) {
    const cv::Point2d at = pose.center + 0.5 * side * pose.down;
    return Endplate{at - 0.5 * pose.forwards, at + 0.5 * pose.forwards};
  };
  return {plate(-1), plate(1)};
}

/// The pose one step further than from `before` to `last`.
Pose next(const Pose& before, const Pose& last, double steps) {
  const double deg = angle_between_deg(before.forwards, last.forwards) / steps;
  return {last.center + rotated((last.center - before.center) * (1 / steps), deg),
          rotated(last.forwards, deg), rotated(last.down, deg)};
}

Pose between(const Pose& a, const Pose& b, double t) {
  return {(1 - t) * a.center + t * b.center, (1 - t) * a.forwards + t * b.forwards,
          (1 - t) * a.down + t * b.down};
}

double length_of(const Endplate& plate) { return cv::norm(plate.ant - plate.post); }

/// Median height of the bodies, between the middles of their endplates, film pixels; 0 for none.
double median_body_height(const Landmarks& landmarks) {
  std::vector<double> heights;
  for (const auto& body : landmarks.vertebrae) {
    if (body) heights.push_back(cv::norm(midpoint(body->sup) - midpoint(body->inf)));
  }
  return median(heights);
}

}  // namespace

Endplate expected_s1(const Endplate& l5_inferior, Side anterior) {
  const cv::Point2d forwards = l5_inferior.ant - l5_inferior.post;
  const double side = anterior == Side::left ? -1 : 1;
  const cv::Point2d down(-side * forwards.y, side * forwards.x);
  const Endplate below{l5_inferior.post + kL5ToS1 * down, l5_inferior.ant + kL5ToS1 * down};
  return rotated(below, side * kL5ToS1Deg);
}

std::optional<VertebraCorners> expected_body(const Landmarks& landmarks, std::size_t level) {
  std::vector<std::size_t> above, below;  // nearest first
  for (std::size_t i = level; i-- > 0;) {
    if (landmarks.vertebrae[i]) above.push_back(i);
  }
  for (std::size_t i = level + 1; i < kLumbarCount; ++i) {
    if (landmarks.vertebrae[i]) below.push_back(i);
  }
  const auto pose = [&](std::size_t i) { return pose_of(*landmarks.vertebrae[i]); };
  const auto steps = [](std::size_t a, std::size_t b) {
    return std::abs(static_cast<double>(a) - static_cast<double>(b));
  };
  if (!above.empty() && !below.empty()) {
    const double t = steps(level, above[0]) / steps(below[0], above[0]);
    return corners_of(between(pose(above[0]), pose(below[0]), t));
  }
  const auto& side = above.empty() ? below : above;
  if (side.size() < 2 || steps(side[0], level) > 1) return std::nullopt;
  return corners_of(next(pose(side[1]), pose(side[0]), steps(side[1], side[0])));
}

bool is_near(const VertebraCorners& body, const VertebraCorners& expected) {
  const Pose is = pose_of(body), should = pose_of(expected);
  const auto similar = [](cv::Point2d a, cv::Point2d b) {
    const double ratio = cv::norm(a) / cv::norm(b);
    return ratio > kMinSize && ratio < kMaxSize;
  };
  return similar(is.down, should.down) &&
         cv::norm(is.center - should.center) < kMaxShift * cv::norm(should.down) &&
         similar(body.sup.ant - body.sup.post, expected.sup.ant - expected.sup.post) &&
         similar(body.inf.ant - body.inf.post, expected.inf.ant - expected.inf.post);
}

bool is_distant(const Landmarks& landmarks, const VertebraCorners& upper, const Endplate& lower) {
  const double height = median_body_height(landmarks);
  const cv::Point2d axis = midpoint(upper.inf) - midpoint(upper.sup);
  const cv::Point2d distance = midpoint(lower) - midpoint(upper.inf);
  return distance.dot(axis) > kMaxLevelGap * height * cv::norm(axis) ||
         cv::norm(distance) > kFar * height;
}

bool is_misplaced(const Landmarks& landmarks, std::size_t level) {
  std::vector<double> heights, lengths;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& other = landmarks.vertebrae[i];
    if (i == level || !other) continue;
    heights.push_back(cv::norm(midpoint(other->inf) - midpoint(other->sup)));
    lengths.insert(lengths.end(), {length_of(other->sup), length_of(other->inf)});
  }
  if (heights.size() < 2) return false;
  const VertebraCorners& body = *landmarks.vertebrae[level];
  const cv::Point2d axis = midpoint(body.inf) - midpoint(body.sup);
  const cv::Point2d forwards = body.sup.ant - body.sup.post;
  const double side = landmarks.anterior == Side::left ? -1 : 1;
  const cv::Point2d down(-side * forwards.y, side * forwards.x);
  const double height = cv::norm(axis) / median(heights), usual = median(lengths);
  const auto unusual = [&](const Endplate& plate) {
    return length_of(plate) < kShortestPlate * usual || length_of(plate) > kLongestPlate * usual;
  };
  return axis.dot(down) < 0 || height < kLeastHeight || unusual(body.sup) || unusual(body.inf);
}

bool is_s1_misplaced(const Landmarks& landmarks, const VertebraCorners& l5, const Endplate& s1) {
  std::vector<double> lengths;
  for (const auto& body : landmarks.vertebrae) {
    if (body) lengths.insert(lengths.end(), {length_of(body->sup), length_of(body->inf)});
  }
  const double length = median(lengths), ratio = length_of(s1) / length;
  if (ratio < kShortestS1 || ratio > kLongestPlate) return true;
  const cv::Point2d axis = midpoint(l5.inf) - midpoint(l5.sup);
  const auto from = [&](const Endplate& plate) { return midpoint(s1) - midpoint(plate); };
  return from(l5.inf).dot(axis) < -kMaxS1Overlap * length * cv::norm(axis) ||
         cv::norm(from(l5.inf)) < kSamePlate * length || cv::norm(from(l5.sup)) < 0.2 * length;
}

}  // namespace spine
