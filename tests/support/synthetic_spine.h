#pragma once
#include <array>
#include <cmath>
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
  double dish_mm = 2.0;         ///< depth of the endplates' concavity
  double waist_mm = 2.5;        ///< how far the walls are drawn in
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

/// A side from a to b that bulges by `inwards` to its right, ends excluded.
inline void add_bowed(std::vector<cv::Point2d>& out, cv::Point2d a, cv::Point2d b, double inwards,
                      double from = 0, double to = 1) {
  const cv::Point2d d = b - a;
  const cv::Point2d right = cv::Point2d(d.y, -d.x) * (1 / cv::norm(d));
  for (int i = 0; i <= 40; ++i) {
    const double t = from + (to - from) * i / 40.0;
    const double s = std::sin(kPi * t);
    out.push_back(a + t * d + inwards * s * s * right);
  }
}

/// A rounded corner whose 45-degree point is `corner`, between walls along unit vectors u (coming
/// in) and v (going out).
inline void add_rounded(std::vector<cv::Point2d>& out, cv::Point2d corner, cv::Point2d u,
                        cv::Point2d v, double radius) {
  const cv::Point2d inward = (v - u) * (1 / cv::norm(v - u));
  const cv::Point2d center = corner + radius * inward;
  const cv::Point2d nu(-u.y, u.x), nv(-v.y, v.x);
  double a0 = std::atan2(nu.y, nu.x), a1 = std::atan2(nv.y, nv.x);
  while (a1 > a0) a1 -= 2 * kPi;
  for (int i = 0; i <= 10; ++i) {
    const double a = a0 + (a1 - a0) * i / 10;
    out.push_back(center + radius * cv::Point2d(std::cos(a), std::sin(a)));
  }
}

inline cv::Point2d unit(cv::Point2d v) { return v * (1 / cv::norm(v)); }

}  // namespace detail

/// Outline of a body, clockwise from the superior posterior corner.
inline std::vector<cv::Point2d> body_outline(const SyntheticSpine& s, std::size_t level) {
  using namespace detail;
  const auto& body = s.bodies[level];
  std::vector<cv::Point2d> out;
  add_bowed(out, body.sup.post, body.sup.ant, s.dish_mm);
  if (s.osteophyte_mm > 0) {
    const cv::Point2d forward = unit(body.sup.ant - body.sup.post);
    const cv::Point2d down = unit(body.inf.ant - body.sup.ant);
    out.push_back(body.sup.ant + s.osteophyte_mm * forward + 1.0 * down);
    out.push_back(body.sup.ant + 4.0 * down);
  }
  add_bowed(out, body.sup.ant, body.inf.ant, s.waist_mm, 0.15, 0.85);
  const cv::Point2d down_ant = unit(body.inf.ant - body.sup.ant);
  const cv::Point2d back = unit(body.inf.post - body.inf.ant);
  add_rounded(out, body.inf.ant, down_ant, back, s.corner_radius_mm);
  add_bowed(out, body.inf.ant, body.inf.post, s.dish_mm, 0.12, 0.88);
  add_rounded(out, body.inf.post, back, unit(body.sup.post - body.inf.post), s.corner_radius_mm);
  add_bowed(out, body.inf.post, body.sup.post, 0.5 * s.waist_mm, 0.15, 0.85);
  return out;
}

/// Outline of S1–S5: a tapering, backward-curving wedge below the S1 endplate.
inline std::vector<cv::Point2d> sacrum_outline(const SyntheticSpine& s) {
  using namespace detail;
  std::vector<cv::Point2d> out, back;
  add_bowed(out, s.s1.post, s.s1.ant, 1.0);
  const cv::Point2d along = unit(s.s1.ant - s.s1.post);
  const cv::Point2d down(along.y, -along.x);
  cv::Point2d middle = 0.5 * (s.s1.post + s.s1.ant);
  for (int i = 1; i <= 20; ++i) {
    const double turn = 3.5 * i;  // the curve of the sacrum: first backwards, then forwards
    middle += 5.0 * turned(down, -35 + turn);
    const double half = 0.5 * cv::norm(s.s1.ant - s.s1.post) * (1 - 0.035 * i);
    out.push_back(middle + half * turned(along, -35 + turn));
    back.push_back(middle - half * turned(along, -35 + turn));
  }
  out.insert(out.end(), back.rbegin(), back.rend());
  return out;
}

inline cv::Mat filled(const SyntheticSpine& s, const std::vector<cv::Point2d>& outline) {
  constexpr int kShift = 6;
  std::vector<cv::Point> fixed;
  for (const auto& p : outline) {
    const cv::Point2d f = to_film(s, p) * static_cast<double>(1 << kShift);
    fixed.emplace_back(cvRound(f.x), cvRound(f.y));
  }
  // fillPoly paints every pixel that the outline touches: half a pixel too much all round, so the
  // outline is drawn at four times the size and shrunk.
  constexpr int kZoom = 4;
  cv::Mat big = cv::Mat::zeros(s.film.height * kZoom, s.film.width * kZoom, CV_8UC1);
  for (auto& p : fixed) {
    p = p * kZoom + cv::Point((kZoom - 1) << (kShift - 1), (kZoom - 1) << (kShift - 1));
  }
  cv::fillPoly(big, std::vector<std::vector<cv::Point>>{fixed}, cv::Scalar(255), cv::LINE_8,
               kShift);
  cv::Mat mask;
  cv::resize(big, mask, s.film, 0, 0, cv::INTER_AREA);
  return mask >= 128;
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
