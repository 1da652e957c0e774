#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/geometry.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"

namespace spine::test {

/// A lumbar spine in the sagittal plane with known corners, for tests that need no simulator.
/// Anatomical frame: millimetres, x anterior, y up, origin at the hip axis.
struct SyntheticSpine {
  struct Body {
    Endplate sup, inf;
  };
  std::array<Body, kLumbarCount> bodies;  ///< L1 ... L5
  Endplate s1;
  std::array<cv::Point2d, 2> heads;
  double head_radius = 24;

  // Shape of the outlines.
  double dish_mm = 1.0;         ///< depth of the endplates' concavity
  double waist_mm = 2.0;        ///< how far the walls are drawn in
  double corner_radius_mm = 3;  ///< of the inferior corners
  double osteophyte_mm = 0;     ///< spur at the superior anterior corners, forwards

  // How it lies on the film.
  double px_per_mm_x = 4, px_per_mm_y = 4;
  Side anterior = Side::left;
  cv::Size film{1100, 1500};
  cv::Point2d hip_px{450, 1250};
};

inline cv::Point2d turned(cv::Point2d v, double deg) {
  const double a = rad_from_deg(deg);
  return {std::cos(a) * v.x - std::sin(a) * v.y, std::sin(a) * v.x + std::cos(a) * v.y};
}

/// A random but plausible spine: PI = 35–75, LL spread over the discs and bodies.
inline SyntheticSpine random_spine(unsigned seed) {
  std::mt19937 engine(seed);
  const auto draw = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(engine()) / static_cast<double>(engine.max());
  };
  SyntheticSpine spine;
  const double pi = draw(35, 75), pt = draw(2, 25), ss = pi - pt;
  const double apart = draw(0, 12);
  spine.heads = {cv::Point2d(apart / 2, draw(-3, 3)), cv::Point2d(-apart / 2, 0)};
  spine.heads[1].y = -spine.heads[0].y;
  // M lies behind the hip axis by PT.
  const cv::Point2d s1_middle = turned({0, draw(100, 125)}, pt);
  const cv::Point2d along_s1 = turned({1, 0}, -ss);
  const double s1_depth = draw(31, 37);
  spine.s1 = {s1_middle - 0.5 * s1_depth * along_s1, s1_middle + 0.5 * s1_depth * along_s1};
  double tilt = -ss;  // of the endplate that is being stacked, degrees
  cv::Point2d middle = s1_middle;
  for (int level = 4; level >= 0; --level) {
    const double depth = draw(32, 36), height = draw(26, 30), disc = draw(7, 12);
    const double disc_angle = level >= 3 ? draw(6, 16) : draw(2, 9);
    const double wedge = level == 4 ? draw(2, 12) : draw(-4, 4);
    middle += disc * turned({0, 1}, tilt + disc_angle / 2);
    tilt += disc_angle;
    const cv::Point2d along_inf = turned({1, 0}, tilt);
    spine.bodies[static_cast<std::size_t>(level)].inf = {middle - 0.5 * depth * along_inf,
                                                         middle + 0.5 * depth * along_inf};
    middle += height * turned({0, 1}, tilt + wedge / 2);
    tilt += wedge;
    const cv::Point2d along_sup = turned({1, 0}, tilt);
    spine.bodies[static_cast<std::size_t>(level)].sup = {middle - 0.5 * depth * along_sup,
                                                         middle + 0.5 * depth * along_sup};
  }
  return spine;
}

inline cv::Point2d to_film(const SyntheticSpine& s, cv::Point2d p) {
  const double forward = s.anterior == Side::left ? -1 : 1;
  return {s.hip_px.x + forward * p.x * s.px_per_mm_x, s.hip_px.y - p.y * s.px_per_mm_y};
}

inline Endplate to_film(const SyntheticSpine& s, const Endplate& e) {
  return {to_film(s, e.post), to_film(s, e.ant)};
}

/// Exact landmarks on the film.
inline Landmarks true_landmarks(const SyntheticSpine& s) {
  Landmarks truth;
  truth.size = s.film;
  truth.anterior = s.anterior;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    truth.vertebrae[i] = VertebraCorners{to_film(s, s.bodies[i].sup), to_film(s, s.bodies[i].inf)};
  }
  truth.s1 = to_film(s, s.s1);
  for (const auto& head : s.heads) {
    truth.femoral_heads.push_back({to_film(s, head), s.head_radius * s.px_per_mm_x});
  }
  return truth;
}

inline Spacing true_spacing(const SyntheticSpine& s) {
  return {1.0 / s.px_per_mm_y, 1.0 / s.px_per_mm_x};
}

namespace detail {

inline cv::Point2d unit(cv::Point2d v) { return v * (1 / cv::norm(v)); }

/// A side from a to b, drawn in by `inwards` (to the right of a -> b) in its middle part; the ends
/// stay straight, as rims do.
inline void add_side(std::vector<cv::Point2d>& out, cv::Point2d a, cv::Point2d b, double inwards) {
  constexpr double kRim = 0.18;
  const cv::Point2d d = b - a;
  const cv::Point2d right = unit({d.y, -d.x});
  for (int i = 0; i <= 60; ++i) {
    const double t = i / 60.0;
    const double s = std::clamp((t - kRim) / (1 - 2 * kRim), 0.0, 1.0);
    out.push_back(a + t * d + inwards * std::pow(std::sin(std::numbers::pi * s), 2) * right);
  }
}

/// A corner at x rounded with a radius, between unit vectors u (coming in) and v (going out).
inline void add_rounded(std::vector<cv::Point2d>& out, cv::Point2d x, cv::Point2d u, cv::Point2d v,
                        double radius) {
  const double half = 0.5 * std::acos(std::clamp(-u.dot(v), -1.0, 1.0));
  const cv::Point2d center = x + radius / std::sin(half) * unit(v - u);
  const double from = std::atan2(u.x, -u.y);  // of the normal to the left of u
  double to = std::atan2(v.x, -v.y);
  while (to > from) to -= 2 * std::numbers::pi;
  for (int i = 0; i <= 12; ++i) {
    const double a = from + (to - from) * i / 12;
    out.push_back(center + radius * cv::Point2d(std::cos(a), std::sin(a)));
  }
}

/// How far a corner's 45-degree point lies inside the crossing of its sides, along each of them.
inline double inset(double radius) { return radius * (1 - std::sqrt(0.5)); }

/// The crossings of the sides of a body (sup_post, sup_ant, inf_ant, inf_post) for its corners.
inline std::array<cv::Point2d, 4> crossings(const SyntheticSpine& s, std::size_t level) {
  const auto& b = s.bodies[level];
  const cv::Point2d sup = inset(1.0) * unit(b.sup.ant - b.sup.post);
  const cv::Point2d inf = inset(s.corner_radius_mm) * unit(b.inf.ant - b.inf.post);
  const cv::Point2d ant = inset(s.corner_radius_mm) * unit(b.inf.ant - b.sup.ant);
  const cv::Point2d post = inset(s.corner_radius_mm) * unit(b.inf.post - b.sup.post);
  return {b.sup.post - sup, b.sup.ant + sup, b.inf.ant + inf + ant, b.inf.post - inf + post};
}

}  // namespace detail

/// Outline of a body, clockwise from the superior posterior corner.
inline std::vector<cv::Point2d> body_outline(const SyntheticSpine& s, std::size_t level) {
  using namespace detail;
  const auto x = crossings(s, level);
  const std::array<double, 4> radius{1.0, 1.0, s.corner_radius_mm, s.corner_radius_mm};
  const std::array<double, 4> drawn_in{s.dish_mm, s.waist_mm, s.dish_mm, 0.5 * s.waist_mm};
  std::vector<cv::Point2d> out;
  for (std::size_t i = 0; i < 4; ++i) {
    const cv::Point2d in = unit(x[i] - x[(i + 3) % 4]), away = unit(x[(i + 1) % 4] - x[i]);
    if (i == 1 && s.osteophyte_mm > 0) {
      out.push_back(x[i]);
      out.push_back(x[i] + s.osteophyte_mm * in + 1.0 * away);
      out.push_back(x[i] + 4.0 * away);
    } else {
      add_rounded(out, x[i], in, away, radius[i]);
    }
    const double gap_here = radius[i], gap_there = radius[(i + 1) % 4];
    const bool after_spur = i == 1 && s.osteophyte_mm > 0;
    add_side(out, x[i] + (after_spur ? 4.0 : gap_here) * away, x[(i + 1) % 4] - gap_there * away,
             drawn_in[i]);
  }
  return out;
}

/// Outline of S1–S5: tapering and curved, concave in front.
inline std::vector<cv::Point2d> sacrum_outline(const SyntheticSpine& s) {
  using namespace detail;
  std::vector<cv::Point2d> out, back;
  const cv::Point2d along = unit(s.s1.ant - s.s1.post);
  const cv::Point2d down(along.y, -along.x);
  const cv::Point2d post = s.s1.post - inset(1.5) * along, ant = s.s1.ant + inset(1.5) * along;
  add_rounded(out, post, -down, along, 1.5);
  add_side(out, post + 1.5 * along, ant - 1.5 * along, 0.5 * s.dish_mm);
  add_rounded(out, ant, along, down, 1.5);
  cv::Point2d middle = 0.5 * (post + ant);
  for (int i = 1; i <= 20; ++i) {
    const double turn = 3.0 * i - 3;
    middle += 5.0 * turned(down, turn);
    const double half = 0.5 * cv::norm(ant - post) * (1 - 0.035 * i);
    out.push_back(middle + half * turned(along, turn));
    back.push_back(middle - half * turned(along, turn));
  }
  out.insert(out.end(), back.rbegin(), back.rend());
  return out;
}

/// The outline's mask: pixels of which at least half is inside. (fillPoly itself paints every pixel
/// that the outline touches, so it draws at four times the size.)
inline cv::Mat filled(const SyntheticSpine& s, const std::vector<cv::Point2d>& outline) {
  constexpr int kZoom = 4, kShift = 6;
  std::vector<cv::Point2f> film;
  for (const auto& p : outline) film.emplace_back(to_film(s, p));
  const cv::Rect box =
      (cv::boundingRect(film) + cv::Point(-2, -2) + cv::Size(4, 4)) & cv::Rect({}, s.film);
  cv::Mat mask = cv::Mat::zeros(s.film, CV_8UC1);
  if (box.empty()) return mask;
  std::vector<cv::Point> fixed;
  for (const auto& p : film) {
    const cv::Point2d zoomed = kZoom * (cv::Point2d(p) - cv::Point2d(box.tl())) +
                               cv::Point2d(0.5 * (kZoom - 1), 0.5 * (kZoom - 1));
    fixed.emplace_back(cvRound(zoomed.x * (1 << kShift)), cvRound(zoomed.y * (1 << kShift)));
  }
  cv::Mat big = cv::Mat::zeros(box.size() * kZoom, CV_8UC1), part;
  cv::fillPoly(big, std::vector<std::vector<cv::Point>>{fixed}, cv::Scalar(255), cv::LINE_8,
               kShift);
  cv::resize(big, part, box.size(), 0, 0, cv::INTER_AREA);
  cv::Mat(part >= 128).copyTo(mask(box));
  return mask;
}

/// The true silhouettes.
inline MaskStack true_masks(const SyntheticSpine& s) {
  MaskStack masks(s.film);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    masks.set(kStructures[i], filled(s, body_outline(s, i)));
  }
  masks.set(Structure::S, filled(s, sacrum_outline(s)));
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<cv::Point2d> circle;
    for (int k = 0; k < 180; ++k) {
      circle.push_back(s.heads[i] + turned({s.head_radius, 0}, -2.0 * k));
    }
    masks.set(i == 0 ? Structure::F1 : Structure::F2, filled(s, circle));
  }
  return masks;
}

}  // namespace spine::test
