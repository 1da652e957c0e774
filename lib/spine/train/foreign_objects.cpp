#include "spine/train/foreign_objects.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace spine::train {
namespace {

using sim::Rng;

constexpr int kShift = 4;  // fractional bits of drawn points

/// Draws shapes whose lengths are shares of the film's longer side.
class Drawing {
 public:
  explicit Drawing(cv::Size size)
      : amount_(cv::Mat::zeros(size, CV_32FC1)), unit_(std::max(size.width, size.height)) {}

  [[nodiscard]] cv::Mat amount() const { return amount_; }
  [[nodiscard]] double unit() const { return unit_; }
  [[nodiscard]] cv::Point2d anywhere(Rng& rng) const {
    return {rng.uniform(0.05, 0.95) * amount_.cols, rng.uniform(0.05, 0.95) * amount_.rows};
  }
  void disc(cv::Point2d at, double radius) {
    cv::circle(amount_, fine(at), std::max(1, cvRound(radius * unit_ * (1 << kShift))), 1.0,
               cv::FILLED, cv::LINE_AA, kShift);
  }
  void ring(cv::Point2d at, double radius, double width) {
    cv::circle(amount_, fine(at), std::max(1, cvRound(radius * unit_ * (1 << kShift))), 1.0,
               std::max(1, cvRound(width * unit_)), cv::LINE_AA, kShift);
  }
  void line(cv::Point2d from, cv::Point2d to, double width) {
    cv::line(amount_, fine(from), fine(to), 1.0, std::max(1, cvRound(width * unit_)), cv::LINE_AA,
             kShift);
  }
  void ellipse(cv::Point2d at, double a, double b, double degrees) {
    const cv::RotatedRect box(
        at, cv::Size2f(static_cast<float>(2 * a * unit_), static_cast<float>(2 * b * unit_)),
        static_cast<float>(degrees));
    cv::ellipse(amount_, box, 1.0, cv::FILLED, cv::LINE_AA);
  }

 private:
  static cv::Point fine(cv::Point2d p) {
    return {cvRound(p.x * (1 << kShift)), cvRound(p.y * (1 << kShift))};
  }
  cv::Mat amount_;
  double unit_;
};

/// A point a step further along a path that winds.
cv::Point2d wander(cv::Point2d at, double step, double& direction, double bend, Rng& rng) {
  direction += rng.normal(0, bend);
  return at + step * cv::Point2d(std::cos(direction), std::sin(direction));
}

/// Loops of bowel, lobe by lobe.
void draw_contrast_medium(Drawing& drawing, Rng& rng) {
  cv::Point2d at = drawing.anywhere(rng);
  double direction = rng.uniform(0, 2 * CV_PI);
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
  cv::Point2d at = drawing.anywhere(rng);
  double direction = rng.uniform(0, 2 * CV_PI);
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
  cv::Point2d at = drawing.anywhere(rng);
  double direction = rng.uniform(0, 2 * CV_PI);
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
  cv::Point2d at = drawing.anywhere(rng);
  double direction = rng.uniform(0, 2 * CV_PI);
  const double width = rng.uniform(0.004, 0.01);
  for (int i = rng.integer(15, 60); i > 0; --i) {
    const cv::Point2d across =
        width * drawing.unit() * cv::Point2d(-std::sin(direction), std::cos(direction));
    drawing.line(at - across, at + across, 0.003);
    at = wander(at, 0.007 * drawing.unit(), direction, 0.02, rng);
  }
}

void draw_electrode(Drawing& drawing, Rng& rng) {
  cv::Point2d at = drawing.anywhere(rng);
  drawing.disc(at, rng.uniform(0.006, 0.014));
  double direction = rng.uniform(0, 2 * CV_PI);
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
    cv::Mat amount = drawing.amount() * rng.uniform(0.3, 1.0);
    cv::GaussianBlur(amount, amount, {}, blur);
    // Nothing that is laid over a film makes it darker.
    result = cv::max(result, result + amount.mul(rng.uniform(0.7, 1.1) - result));
  }
  return cv::min(result, 1.0);
}

}  // namespace spine::train
