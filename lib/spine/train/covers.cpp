#include "spine/train/covers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

namespace spine::train {
namespace {

using sim::Rng;

constexpr int kShift = 4;  // fractional bits of drawn points

cv::Point fine(cv::Point2d p) {
  return {cvRound(p.x * (1 << kShift)), cvRound(p.y * (1 << kShift))};
}

/// A pin or rod: a line that may bend.
void draw_bar(cv::Mat& mask, cv::Point2d from, double length, double thickness, Rng& rng) {
  constexpr int kPieces = 5;
  double direction = rng.uniform(0, 2 * CV_PI);
  const double bend = rng.chance(0.5) ? 0 : rng.normal(0, 0.1);
  for (int i = 0; i < kPieces; ++i) {
    const cv::Point2d to =
        from + length / kPieces * cv::Point2d(std::cos(direction), std::sin(direction));
    cv::line(mask, fine(from), fine(to), 255, std::max(1, cvRound(thickness)), cv::LINE_AA, kShift);
    from = to;
    direction += bend;
  }
}

/// Parts of an implant around one place: mostly several bars, now and then a plate or a disc.
cv::Mat draw_covers(cv::Size size, const cv::Rect& content, Rng& rng) {
  cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
  const double unit = std::max(content.width, content.height);
  const cv::Point2d middle(content.x + rng.uniform(0.25, 0.75) * content.width,
                           content.y + rng.uniform(0.2, 0.9) * content.height);
  const int count = rng.integer(1, 9);
  for (int i = 0; i < count; ++i) {
    const cv::Point2d at =
        middle + 0.1 * unit * cv::Point2d(rng.normal(), (1 + rng.uniform()) * rng.normal());
    const double kind = rng.uniform();
    if (kind < 0.75) {
      const bool rod = rng.chance(0.3);
      draw_bar(mask, at, unit * (rod ? rng.uniform(0.1, 0.5) : rng.uniform(0.04, 0.16)),
               unit * rng.uniform(0.008, rod ? 0.025 : 0.035), rng);
    } else if (kind < 0.9) {
      const cv::RotatedRect plate(at,
                                  cv::Size2f(static_cast<float>(unit * rng.uniform(0.02, 0.12)),
                                             static_cast<float>(unit * rng.uniform(0.02, 0.06))),
                                  static_cast<float>(rng.uniform(0, 180)));
      cv::ellipse(mask, plate, 255, cv::FILLED, cv::LINE_AA);
    } else {
      cv::circle(mask, at, std::max(1, cvRound(unit * rng.uniform(0.02, 0.07))), 255, cv::FILLED,
                 cv::LINE_AA);
    }
  }
  cv::Mat inside = cv::Mat::zeros(size, CV_8UC1);
  mask(content).copyTo(inside(content));
  return inside;
}

/// As bright as metal, seen through the machine's blur.
cv::Mat as_metal(const cv::Mat& film, const cv::Mat& mask, Rng& rng) {
  cv::Mat amount;
  mask.convertTo(amount, CV_32F, rng.uniform(0.5, 1.0) / 255.0);
  cv::GaussianBlur(amount, amount, {}, rng.uniform(0.3, 0.9));
  const double metal = rng.uniform(0.75, 1.1);
  cv::Mat covered = film + amount.mul(metal - film);
  // Metal lets nothing look darker.
  covered = cv::max(covered, film);
  return cv::min(covered, 1.0);
}

cv::Mat as_filled(const cv::Mat& film, const cv::Mat& mask, Rng& rng) {
  cv::Mat levels;
  cv::Mat filled;
  film.convertTo(levels, CV_16U, 65535);
  cv::inpaint(levels, mask > 0, levels, rng.uniform(1.5, 4), cv::INPAINT_TELEA);
  levels.convertTo(filled, CV_32F, 1.0 / 65535);
  return filled;
}

}  // namespace

cv::Mat with_covers(const cv::Mat& film, const cv::Rect& content, Rng rng) {
  const cv::Mat mask = draw_covers(film.size(), content, rng);
  return rng.chance(0.5) ? as_metal(film, mask, rng) : as_filled(film, mask, rng);
}

cv::Mat with_metal_filled_in(const cv::Mat& film, const cv::Mat& metal, Rng rng) {
  const double part = rng.uniform(0.02, 0.5);  // of a pixel that has to be metal
  cv::Mat mask = metal > 255 * part;
  if (rng.chance(0.3)) cv::dilate(mask, mask, cv::Mat());
  return as_filled(film, mask, rng);
}

}  // namespace spine::train
