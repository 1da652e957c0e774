#include "spine/train/foreign_objects.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "spine/train/drawing.h"

namespace spine::train {
namespace {

using sim::Rng;

cv::Point2d anywhere(const Drawing& drawing, Rng& rng) {
  const cv::Size size = drawing.cover().size();
  return {rng.uniform(0.05, 0.95) * size.width, rng.uniform(0.05, 0.95) * size.height};
}

/// The next point of a winding path.
cv::Point2d wander(cv::Point2d at, double step, double& direction, double bend, Rng& rng) {
  direction += rng.normal(0, bend);
  return at + step * cv::Point2d(std::cos(direction), std::sin(direction));
}

/// Bowel loops, drawn lobe by lobe.
void draw_contrast_medium(Drawing& drawing, Rng& rng) {
  cv::Point2d at = anywhere(drawing, rng);
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  const double size = rng.uniform(0.008, 0.03);
  const int lobes = rng.integer(1, 18);
  for (int i = 0; i < lobes; ++i) {
    drawing.ellipse(at, size * rng.uniform(0.6, 1.4), size * rng.uniform(0.5, 1.1),
                    rng.uniform(0, 180));
    const double step = size * drawing.unit() * rng.uniform(0.8, 2.2);
    at = wander(at, step, direction, 0.6, rng);
  }
}

void draw_necklace(Drawing& drawing, Rng& rng) {
  cv::Point2d at = anywhere(drawing, rng);
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  const double turn = rng.normal(0, 0.12);
  const double bead = rng.uniform(0.002, 0.009);
  const double step = bead * rng.uniform(1.6, 4.0) * drawing.unit();
  const int beads = rng.integer(6, 40);
  for (int i = 0; i < beads; ++i) {
    drawing.disc(at, bead);
    direction += turn;
    at = wander(at, step, direction, 0.02, rng);
  }
}

void draw_snaps(Drawing& drawing, Rng& rng) {
  cv::Point2d at = anywhere(drawing, rng);
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  const double radius = rng.uniform(0.004, 0.014);
  const double step = rng.uniform(0.05, 0.15) * drawing.unit();
  const bool open = rng.chance(0.5);
  for (int i = rng.integer(1, 6); i > 0; --i) {
    if (open) {
      drawing.ring(at, radius, 0.3 * radius);
    } else {
      drawing.disc(at, radius);
    }
    at = wander(at, step, direction, 0.1, rng);
  }
}

void draw_zip(Drawing& drawing, Rng& rng) {
  cv::Point2d at = anywhere(drawing, rng);
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  const double width = rng.uniform(0.004, 0.01);
  for (int i = rng.integer(15, 60); i > 0; --i) {
    const cv::Point2d across =
        width * drawing.unit() * cv::Point2d(-std::sin(direction), std::cos(direction));
    drawing.line(at - across, at + across, 0.003);
    at = wander(at, 0.007 * drawing.unit(), direction, 0.02, rng);
  }
}

void draw_electrode(Drawing& drawing, Rng& rng) {
  cv::Point2d at = anywhere(drawing, rng);
  drawing.disc(at, rng.uniform(0.006, 0.014));
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  for (int i = 0; i < 30; ++i) {
    const cv::Point2d next = wander(at, 0.03 * drawing.unit(), direction, 0.15, rng);
    drawing.line(at, next, 0.002);
    at = next;
  }
}

}  // namespace

cv::Mat with_foreign_objects(const cv::Mat& film, Rng rng) {
  cv::Mat result = film.clone();
  for (int i = rng.integer(1, 3); i > 0; --i) {
    Drawing drawing(film.size());
    const double kind = rng.uniform();
    double blur = rng.uniform(0.2, 0.8);
    if (kind < 0.45) {
      draw_contrast_medium(drawing, rng);
      blur = rng.uniform(0.3, 2.5);
    } else if (kind < 0.6) {
      draw_necklace(drawing, rng);
    } else if (kind < 0.75) {
      draw_snaps(drawing, rng);
    } else if (kind < 0.85) {
      draw_zip(drawing, rng);
    } else {
      draw_electrode(drawing, rng);
    }
    cv::Mat amount;
    drawing.cover().convertTo(amount, CV_32F, rng.uniform(0.3, 1.0) / 255);
    cv::GaussianBlur(amount, amount, {}, blur);
    // Overlying objects never darken a film.
    result = cv::max(result, result + amount.mul(rng.uniform(0.7, 1.1) - result));
  }
  return cv::min(result, 1.0);
}

}  // namespace spine::train
