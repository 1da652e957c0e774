#include "spine/train/random_erasing.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "spine/train/drawing.h"

namespace spine::train {
namespace {

using sim::Rng;

/// A pin or rod: a line, possibly bent.
void draw_bar(Drawing& drawing, cv::Point2d from, double length, double width, Rng& rng) {
  constexpr int kPieces = 5;
  double direction = rng.uniform(0, 2 * std::numbers::pi);
  const double bend = rng.chance(0.5) ? 0 : rng.normal(0, 0.1);
  for (int i = 0; i < kPieces; ++i) {
    const cv::Point2d to = from + length / kPieces * drawing.unit() *
                                      cv::Point2d(std::cos(direction), std::sin(direction));
    drawing.line(from, to, width);
    from = to;
    direction += bend;
  }
}

/// The region of a mask, as a disc.
struct Disc {
  cv::Point2d center;
  double radius_px = 0;
};

/// The structures visible on the film.
std::vector<Disc> shown(std::span<const cv::Mat> structures) {
  constexpr double kSmallest = 6;  // px
  std::vector<Disc> discs;
  for (const cv::Mat& mask : structures) {
    const cv::Moments m = cv::moments(mask, /*binaryImage=*/true);
    if (m.m00 < kSmallest) continue;
    discs.push_back({{m.m10 / m.m00, m.m01 / m.m00}, std::sqrt(m.m00 / std::numbers::pi)});
  }
  return discs;
}

const Disc& pick(const std::vector<Disc>& discs, Rng& rng) {
  return discs[static_cast<std::size_t>(rng.integer(0, static_cast<int>(discs.size()) - 1))];
}

/// Parts of an implant around one point: mostly several bars, sometimes a plate or a disc.
void draw_cluster(Drawing& drawing, cv::Point2d middle, Rng& rng) {
  const int count = rng.integer(1, 9);
  for (int i = 0; i < count; ++i) {
    const cv::Point2d at =
        middle +
        0.1 * drawing.unit() * cv::Point2d(rng.normal(), (1 + rng.uniform()) * rng.normal());
    const double kind = rng.uniform();
    if (kind < 0.75) {
      const bool rod = rng.chance(0.3);
      draw_bar(drawing, at, rod ? rng.uniform(0.1, 0.5) : rng.uniform(0.04, 0.16),
               rng.uniform(0.008, rod ? 0.025 : 0.035), rng);
    } else if (kind < 0.9) {
      drawing.ellipse(at, rng.uniform(0.01, 0.06), rng.uniform(0.01, 0.03), rng.uniform(0, 180));
    } else {
      drawing.disc(at, rng.uniform(0.02, 0.07));
    }
  }
}

/// A hip prosthesis at a femoral head: ball or cup, and mostly the stem in the shaft below.
void draw_prosthesis(Drawing& drawing, const Disc& head, Rng& rng) {
  const double radius = head.radius_px / drawing.unit();
  drawing.disc(head.center, radius * rng.uniform(0.6, 1.25));
  if (rng.chance(0.3)) return;
  const double lean = rng.normal(0, 0.35);
  const cv::Point2d down(std::sin(lean), std::cos(lean));
  drawing.line(head.center, head.center + rng.uniform(2, 6) * head.radius_px * down,
               radius * rng.uniform(0.5, 0.9));
}

cv::Mat erase_randomly(cv::Size size, const cv::Rect& content, std::span<const cv::Mat> structures,
                       Rng& rng) {
  constexpr std::size_t kHeads = 2;  // the last of the structures
  const std::size_t spinal = structures.size() - std::min(structures.size(), kHeads);
  const std::vector<Disc> bodies = shown(structures.first(spinal));
  const std::vector<Disc> heads = shown(structures.subspan(spinal));

  Drawing drawing(size, std::max(content.width, content.height));
  const bool hip = !heads.empty() && rng.chance(0.25);
  if (!hip || rng.chance(0.5)) {
    cv::Point2d middle(content.x + rng.uniform(0.25, 0.75) * content.width,
                       content.y + rng.uniform(0.2, 0.9) * content.height);
    if (!bodies.empty() && rng.chance(0.6)) middle = pick(bodies, rng).center;
    draw_cluster(drawing, middle, rng);
  }
  if (hip) {
    draw_prosthesis(drawing, pick(heads, rng), rng);
    if (rng.chance(0.2)) draw_prosthesis(drawing, pick(heads, rng), rng);
  }
  cv::Mat inside = cv::Mat::zeros(size, CV_8UC1);
  drawing.cover()(content).copyTo(inside(content));
  return inside;
}

/// As bright as metal, with the blur of the detector.
cv::Mat as_implant(const cv::Mat& film, const cv::Mat& mask, Rng& rng) {
  cv::Mat amount;
  mask.convertTo(amount, CV_32F, rng.uniform(0.5, 1.0) / 255.0);
  cv::GaussianBlur(amount, amount, {}, rng.uniform(0.3, 0.9));
  const double brightness = rng.uniform(0.75, 1.1);
  cv::Mat covered = film + amount.mul(brightness - film);
  // An implant never darkens a film.
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

cv::Mat with_erasing(const cv::Mat& film, const cv::Rect& content,
                     std::span<const cv::Mat> structures, Rng rng) {
  const cv::Mat mask = erase_randomly(film.size(), content, structures, rng);
  return rng.chance(0.5) ? as_implant(film, mask, rng) : as_filled(film, mask, rng);
}

cv::Mat with_implants_filled_in(const cv::Mat& film, const cv::Mat& implant, Rng rng) {
  const double part = rng.uniform(0.02, 0.5);  // minimum fraction of a pixel covered by implants
  cv::Mat mask = implant > 255 * part;
  if (rng.chance(0.3)) cv::dilate(mask, mask, cv::Mat());
  return as_filled(film, mask, rng);
}

}  // namespace spine::train
