#include "spine/stages/locate/sacral_endplate.h"

#include <cmath>

#include "spine/core/geometry.h"
#include "spine/stages/locate/convex_endplate.h"

namespace spine {

namespace {

// On a valid outline the line between the ends of S1 deviates by less than the first angle from the
// robust line of the middle part between them (this fraction of the depth to either side), and S1
// by less than the second from its expected direction. Ends are searched within this reach (of the
// depth).
constexpr double kMaxSacralAngleDeg = 3.5, kMaxSacralTiltDeg = 30;
constexpr double kSacralMiddle = 0.42, kSacralReach = 0.6;

}  // namespace

SacralEndplate::SacralEndplate(const Points& points, double size, cv::Point2d usual)
    : points_(points), size_(size), usual_(usual), axes_(Axes::with_forward(mean(points), usual)) {}

bool SacralEndplate::find_ends() {
  for (int i = 0; i < 6; ++i) {
    const Points local = to_local(points_, axes_);
    const auto front = outermost(local, {0, 0}, 1e9, unit({1, 1}), 0.002 * size_);
    const auto back = outermost(local, {0, 0}, 1e9, unit({-1, 1}), 0.002 * size_);
    if (!front || !back || front->x - back->x < 0.1 * size_) return false;
    set_ends(*back, *front);
  }
  return true;
}

void SacralEndplate::fit_convex() {
  for (int i = 0; i < 3; ++i) {
    cv::Point2d post = axes_.to_local(post_), ant = axes_.to_local(ant_);
    fit_convex_endplate(to_local(points_, axes_), 1, kSacralPlate, kSacralRule, post, ant);
    set_ends(post, ant);
  }
}

void SacralEndplate::project_on_line() {
  for (int i = 0; i < 4; ++i) {
    const double depth = cv::norm(ant_ - post_);
    const Range middle{-kSacralMiddle * depth, kSacralMiddle * depth};
    const auto line =
        fit_slope(plate_side(to_local(points_, axes_), 1, middle, 60), kSideScale * depth);
    if (!line || deg_from_rad(std::abs(std::atan(line->b))) < kMaxSacralAngleDeg) return;
    const cv::Point2d along = unit(axes_.u + line->b * axes_.v);
    if (angle_deg(along, usual_) > kMaxSacralTiltDeg) return;
    axes_ = Axes::with_forward(axes_.from_local({0, line->a}), along);
    const Points local = to_local(points_, axes_);
    const auto end = [&](double forwards) {
      const cv::Point2d before(0.5 * forwards * depth, 0);
      const auto corner =
          outermost(local, before, kSacralReach * depth, unit({forwards, 1}), 0.005 * size_);
      return cv::Point2d(corner.value_or(before).x, 0);
    };
    set_ends(end(-1), end(1));
  }
}

/// Sets the ends from local coordinates and realigns the axes with them.
void SacralEndplate::set_ends(cv::Point2d post, cv::Point2d ant) {
  post_ = axes_.from_local(post);
  ant_ = axes_.from_local(ant);
  axes_ = Axes::with_forward(0.5 * (post_ + ant_), unit(ant_ - post_));
}

}  // namespace spine
