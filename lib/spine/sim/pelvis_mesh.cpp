#include "spine/sim/pelvis_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

/// A value given at a few places and interpolated linearly between them.
struct Ramp {
  std::vector<std::pair<double, double>> points;
  [[nodiscard]] double operator()(double x) const {
    if (x <= points.front().first) return points.front().second;
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (x > points[i].first) continue;
      const auto [x0, y0] = points[i - 1];
      const auto [x1, y1] = points[i];
      return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
    }
    return points.back().second;
  }
};

// ---------------------------------------------------------------- sacrum

/// A cross-section of the row of sacral bodies, in the sacrum frame.
struct SacralSection {
  cv::Vec3d center, forward, down;  ///< forward: posterior to anterior in the section
  double half_depth = 0, half_width = 0;
};

/// The curved row S1–S5: position and size of every section by s in [0, 1].
class SacralRow {
 public:
  SacralRow(const Patient& patient, Rng rng) {
    const double length = patient.sacrum_length;
    const double kyphosis = rad_from_deg(patient.sacral_kyphosis);
    const double d = patient.s1_depth, w = 0.5 * patient.s1_width;
    const double lean = rad_from_deg(rng.normal_within(9, 4, 0, 18));
    // Depth and width at the segments' ends and waists; the ridges between segments stand out.
    depth_.points = {{0, d},           {0.14, 0.80 * d}, {0.285, 0.70 * d}, {0.40, 0.53 * d},
                     {0.52, 0.50 * d}, {0.62, 0.40 * d}, {0.72, 0.40 * d},  {0.80, 0.32 * d},
                     {0.87, 0.32 * d}, {1.0, 0.24 * d}};
    width_.points = {{0, w},           {0.15, 0.86 * w}, {0.285, 0.80 * w},
                     {0.52, 0.64 * w}, {0.72, 0.54 * w}, {1.0, 0.38 * w}};
    turn_.points = {{0, 0},
                    {0.285, 0.10 * kyphosis},
                    {0.52, 0.32 * kyphosis},
                    {0.72, 0.62 * kyphosis},
                    {1.0, kyphosis}};
    cv::Vec3d p(0, 0, 0);
    for (int i = 0; i <= kSteps; ++i) {
      const double s = static_cast<double>(i) / kSteps;
      path_.push_back(p);
      const double a = turn_(s) - lean * (1 - s);
      p += length / kSteps * cv::Vec3d(std::sin(a), 0, -std::cos(a));
    }
  }
  [[nodiscard]] SacralSection at(double s) const {
    const double x = std::clamp(s, 0.0, 1.0) * kSteps;
    const auto i = static_cast<std::size_t>(std::min(std::floor(x), kSteps - 1.0));
    const double f = x - static_cast<double>(i);
    SacralSection out;
    out.center = (1 - f) * path_[i] + f * path_[i + 1];
    const double a = turn_(s);
    out.forward = {std::cos(a), 0, std::sin(a)};
    out.down = {std::sin(a), 0, -std::cos(a)};
    out.half_depth = 0.5 * depth_(s);
    out.half_width = width_(s);
    return out;
  }

 private:
  static constexpr int kSteps = 60;
  std::vector<cv::Vec3d> path_;
  Ramp depth_, width_, turn_;
};

constexpr int kSacrumSegments = 48;
constexpr double kSacrumFillet = 0.8;

/// Points of a section's outline: flattened behind and, below S1, in front, where the concave
/// anterior wall runs straight from side to side and is the brightest line of the film's sacrum.
Ring sacral_ring(const SacralRow& row, double s, double inset, double scale = 1,
                 double shift_down = 0) {
  const SacralSection c = row.at(s);
  const double front_exponent = 2.3 + 2.2 * smoothstep(0.02, 0.25, s);
  const double front_inset = inset * (1 + 0.7 * smoothstep(0.0, 0.3, s));
  Ring ring;
  ring.reserve(kSacrumSegments);
  for (int i = 0; i < kSacrumSegments; ++i) {
    const double phi = 2 * kPi * i / kSacrumSegments, co = std::cos(phi), si = std::sin(phi);
    const double n = co > 0 ? front_exponent : 3.5;
    const double r =
        std::pow(std::pow(std::abs(co), n) + std::pow(std::abs(si), n), -1 / n) * scale;
    const double depth = c.half_depth - (co > 0 ? front_inset : 0.6 * inset);
    ring.push_back(c.center + shift_down * c.down + r * co * depth * c.forward +
                   r * si * (c.half_width - inset) * cv::Vec3d(0, 1, 0));
  }
  return ring;
}

/// Rings of the S1 endplate from near its centre to the rim.
void add_endplate_rings(std::vector<Ring>& rings, const SacralRow& row, double dish_mm,
                        double inset, double lower) {
  for (const double rho : {0.15, 0.35, 0.55, 0.7, 0.8, 0.88, 0.94}) {
    rings.push_back(
        sacral_ring(row, 0, inset, rho, lower + dish_mm * (1 - smoothstep(0.4, 0.92, rho))));
  }
}

Mesh sacral_bodies(const SacralRow& row, double dish_mm) {
  std::vector<Ring> rings;
  add_endplate_rings(rings, row, dish_mm, 0, 0);
  for (const double a : {0.0, 0.5, 1.0}) {
    const double t = a * kPi / 2;
    rings.push_back(sacral_ring(row, 0, kSacrumFillet * (1 - std::sin(t)), 1,
                                kSacrumFillet * (1 - std::cos(t))));
  }
  for (double s = 0.02; s < 0.99; s += 0.025) rings.push_back(sacral_ring(row, s, 0));
  rings.push_back(sacral_ring(row, 1, 0));
  return loft(rings);
}

/// Chambers of cancellous bone: one a segment, and a thin one in each remnant of a disc.
Mesh sacral_chambers(const SacralRow& row, double dish_mm, double length, double wall, double plate,
                     Rng& rng) {
  constexpr std::array<double, 6> kEnds{0, 0.285, 0.52, 0.72, 0.87, 1.0};
  Mesh inner;
  for (std::size_t k = 0; k + 1 < kEnds.size(); ++k) {
    const double remnant = rng.uniform(0.6, 3.0) / length / (1.0 + static_cast<double>(k));
    const double p = plate / length;
    const double from = kEnds[k] + (k == 0 ? p : remnant / 2 + p);
    const double to = kEnds[k + 1] - (k == 4 ? p : remnant / 2 + p);
    std::vector<Ring> rings;
    if (k == 0) add_endplate_rings(rings, row, dish_mm, wall, plate);
    for (int i = 0; i <= 8; ++i)
      rings.push_back(sacral_ring(row, from + (to - from) * i / 8, wall));
    append(inner, loft(rings));
    if (k == 4) continue;
    rings = {sacral_ring(row, kEnds[k + 1] - remnant / 2, wall),
             sacral_ring(row, kEnds[k + 1] + remnant / 2, wall)};
    append(inner, loft(rings));
  }
  return inner;
}

/// Superior processes of S1, roof of the canal, median crest, its side walls.
void add_sacral_roof(Bone& bone, const SacralRow& row, const Patient& patient, Rng rng) {
  const double k = patient.s1_depth / 33.5;
  const auto behind = [&](double s, double mm, double y) {
    const SacralSection c = row.at(s);
    cv::Vec3d p = c.center - (c.half_depth + mm) * c.forward;
    p[1] = y;
    return p;
  };
  const Ramp canal{{{0, 15 * k}, {0.3, 11 * k}, {0.6, 7 * k}, {0.9, 4.5 * k}, {1.0, 3 * k}}};
  Tube roof;
  const auto roof_node = [&](double s, double half_y, double half_x) {
    const double shift = rng.normal_within(0, 0.8, -1.6, 1.6);
    roof.nodes.push_back(
        {behind(s, canal(s) + 2 + shift, 0), half_y * k, half_x * k * rng.uniform(0.8, 1.25)});
  };
  roof_node(0.06, 5, 1.4);
  roof_node(0.13, 12, 2.6);
  roof_node(0.26, 13, 3.2);
  roof_node(0.36, 10, 2.2);
  roof_node(0.47, 12, 3.0);
  roof_node(0.58, 9, 1.9);
  roof_node(0.70, 9, 2.4);
  roof_node(0.84, 6, 1.5);
  roof.exponent = 2.3;
  roof.segments = 24;
  add_tube(bone, roof, 0.9);
  for (int i = 0; i < 4; ++i) {
    const double s = 0.12 + 0.19 * i + rng.normal(0, 0.015);
    const double reach = (13 - 2.6 * i) * k * rng.uniform(0.5, 1.25), tall = (9 - i) * k;
    const double drop = rng.uniform(0.02, 0.06), off = rng.normal(0, 1);
    Tube crest;
    crest.nodes = {
        {behind(s, canal(s) + 1, 0), 3.0 * k, tall},
        {behind(s + 0.5 * drop, canal(s) + 2 + 0.5 * reach, 0.5 * off), 2.2 * k, 0.85 * tall},
        {behind(s + drop, canal(s) + 2 + reach, off), 3.0 * k, 0.65 * tall}};
    crest.round_start = false;
    crest.exponent = 2.5;
    add_tube(bone, crest, 0.9);
  }
  for (const double side : {1.0, -1.0}) {
    Tube wall;
    for (const double s : {0.03, 0.2, 0.4, 0.6, 0.8, 0.95}) {
      wall.nodes.push_back({behind(s, 0.5 * canal(s), side * (20 - 12 * s) * k), (5 - 2.5 * s) * k,
                            0.5 * canal(s) + 2.2 * k});
    }
    wall.segments = 20;
    add_tube(bone, wall, 0.8);
    Tube process;
    process.nodes = {
        {behind(0, 11 * k, side * 21 * k) + cv::Vec3d(0, 0, 6.5 * k + rng.normal(0, 1)), 4 * k,
         3.2 * k},
        {behind(0, 12 * k, side * 21 * k) + cv::Vec3d(0, 0, -2), 5 * k, 4.4 * k},
        {behind(0.12, 11 * k, side * 19 * k), 4.5 * k, 4 * k}};
    process.round_end = false;
    add_tube(bone, process, 1.0);
  }
}

/// Alae and lateral masses. From body to joint all borders of an ala move, so that no border is
/// seen on edge from the side over its whole length.
void add_alae(Bone& bone, const SacralRow& row, const Patient& patient, Rng rng) {
  const double k = patient.s1_width / 50, d = patient.s1_depth, length = patient.sacrum_length;
  for (const double side : {1.0, -1.0}) {
    const auto at = [&](double s, double back, double y) {
      const SacralSection c = row.at(s);
      cv::Vec3d p = c.center - back * c.forward;
      p[1] = side * y;
      return p;
    };
    Tube ala;
    ala.side = {1, 0, 0};
    ala.exponent = 2.6;
    ala.segments = 28;
    const double drop = rng.normal_within(0, 2, -4, 4), back = rng.normal_within(0, 1.5, -3, 3);
    ala.nodes = {
        {at(0.13, 0.04 * d, 20 * k), 0.40 * d, 0.115 * length},
        {at(0.16, 0.12 * d + 0.3 * back, 31 * k), 0.36 * d, 0.135 * length},
        {at(0.22, 0.27 * d + 0.7 * back, 43 * k) - cv::Vec3d(0, 0, 0.6 * drop), 0.31 * d,
         0.175 * length},
        {at(0.28, 0.40 * d + back, 54 * k) - cv::Vec3d(0, 0, drop), 0.25 * d, 0.20 * length}};
    ala.round_start = false;
    add_tube(bone, ala, 0.8);
    Tube edge;  // lateral mass of S2–S5, level with the bodies in front
    edge.side = {0, 1, 0};
    edge.segments = 20;
    edge.exponent = 2.6;
    const auto node = [&](double s, double y, double half_y, double half_x) {
      edge.nodes.push_back(
          {at(s, row.at(s).half_depth - 0.92 * half_x * k, y * k), half_y * k, half_x * k});
    };
    node(0.36, 31, 13, 7.5);
    node(0.52, 26, 11, 5.5);
    node(0.72, 20, 8, 4.0);
    node(0.92, 13, 5, 2.8);
    add_tube(bone, edge, 0.9);
  }
}

void add_coccyx(Bone& bone, const SacralRow& row, const Patient& patient, Rng rng) {
  const SacralSection end = row.at(1);
  const double k = patient.s1_depth / 33.5;
  double angle = std::atan2(end.forward[2], end.forward[0]) + rng.normal(0.05, 0.15);
  cv::Vec3d p = end.center + 1.5 * end.down;
  for (int i = 0; i < 4; ++i) {
    const double size = (1 - 0.2 * i) * k, length = 8.5 * size;
    const cv::Vec3d down(std::sin(angle), 0, -std::cos(angle));
    Tube piece;
    piece.nodes = {{p + 1.5 * down, 7.5 * size, 3.4 * size},
                   {p + length * down, 5.5 * size, 2.8 * size}};
    add_tube(bone, piece, 0.7);
    p += (length + 3.2 * size) * down;
    angle += rng.uniform(0.05, 0.3);
  }
}

// ---------------------------------------------------------------- hip bone

struct Vec2 {
  double x = 0, z = 0;
};

// The left hip bone in the lateral view, hip centre at the origin, x anterior, z up, mm; standing
// with the anterior pelvic plane upright. Drawn for this project after the usual bony landmarks.
constexpr std::array<Vec2, 31> kHipOutline{{
    {49, 74},   {47, 88},   {34, 106},  {10, 126},  {-25, 138}, {-60, 130}, {-86, 114}, {-100, 96},
    {-99, 82},  {-93, 66},  {-84, 54},  {-68, 50},  {-57, 42},  {-50, 28},  {-46, 12},  {-48, -8},
    {-42, -15}, {-42, -28}, {-48, -42}, {-45, -62}, {-32, -80}, {-12, -80}, {10, -72},  {30, -62},
    {42, -52},  {53, -32},  {57, -14},  {44, -3},   {32, 14},   {35, 36},   {38, 52},
}};
constexpr std::array<Vec2, 8> kObturatorForamen{
    {{2, -32}, {14, -28}, {28, -26}, {34, -33}, {27, -46}, {10, -56}, {-6, -58}, {-9, -44}}};

/// Where the sheet lies: medial surface's distance from the mid-sagittal plane and thickness, for
/// hip centres 178 mm apart.
struct SheetPoint {
  double x, z, medial, thickness;
};
constexpr std::array<SheetPoint, 33> kHipSheet{{
    {49, 75, 116, 9},   {46, 92, 121, 9},    {12, 124, 127, 11}, {-28, 136, 122, 12},
    {-68, 124, 84, 12}, {-98, 96, 44, 14},   {-92, 68, 40, 14},  {38, 42, 98, 13},
    {5, 85, 113, 4.5},  {-30, 95, 100, 4.5}, {25, 100, 120, 6},  {-62, 84, 60, 13},
    {-78, 98, 56, 14},  {-58, 56, 54, 15},   {-30, 55, 68, 15},  {0, 52, 78, 18},
    {0, 32, 66, 25},    {26, 20, 68, 22},    {-25, 22, 62, 28},  {0, 0, 57, 34},
    {-28, -8, 60, 28},  {25, -10, 54, 20},   {-46, -6, 50, 9},   {-10, -30, 62, 22},
    {-42, -45, 60, 22}, {-30, -70, 56, 20},  {-5, -72, 48, 12},  {20, -62, 28, 9},
    {40, -50, 10, 10},  {52, -30, 3, 13},    {55, -14, 5, 13},   {42, -6, 28, 14},
    {30, 10, 56, 17},
}};

std::vector<Vec2> curve(std::span<const Vec2> points, double step) {
  std::vector<cv::Vec3d> p;
  for (const Vec2& q : points) p.emplace_back(q.x, 0, q.z);
  std::vector<Vec2> out;
  for (const cv::Vec3d& q : smooth_curve(p, step, true)) out.push_back({q[0], q[2]});
  return out;
}

/// Distance to a closed polygon, positive inside.
double inside_distance(const std::vector<Vec2>& polygon, Vec2 p) {
  double best = 1e30;
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const Vec2 a = polygon[j], b = polygon[i];
    const double dx = b.x - a.x, dz = b.z - a.z, px = p.x - a.x, pz = p.z - a.z;
    const double t = std::clamp((px * dx + pz * dz) / (dx * dx + dz * dz), 0.0, 1.0);
    const double ex = px - t * dx, ez = pz - t * dz;
    best = std::min(best, ex * ex + ez * ez);
    if ((a.z > p.z) != (b.z > p.z) && p.x < a.x + (p.z - a.z) * dx / dz) inside = !inside;
  }
  return inside ? std::sqrt(best) : -std::sqrt(best);
}

/// A sample of the sheet: distance to the outline and the two surfaces' y.
struct SheetSample {
  double edge = 0, medial = 0, lateral = 0;
};

/// The hip bone as two surfaces over the lateral view.
class HipSheet {
 public:
  HipSheet(const Patient& patient, Rng rng)
      : separation_(patient.head_separation), socket_(patient.head_radius + 3.2) {
    std::array<Vec2, kHipOutline.size()> outline = kHipOutline;
    for (auto& q : outline) {
      q.x += rng.normal(0, 1.3);
      q.z += rng.normal(0, 1.3);
    }
    std::array<Vec2, kObturatorForamen.size()> hole = kObturatorForamen;
    const double hx = rng.normal(0, 1.5), hz = rng.normal(0, 1.5);
    for (auto& q : hole) {
      q.x += hx + rng.normal(0, 0.7);
      q.z += hz + rng.normal(0, 0.7);
    }
    outline_ = curve(outline, 5);
    hole_ = curve(hole, 5);
    points_ = kHipSheet;
    for (auto& q : points_) {
      q.medial += rng.normal(0, 1.2);
      q.thickness *= rng.normal_within(1, 0.08, 0.8, 1.2);
    }
    flare_ = rng.normal_within(1, 0.06, 0.88, 1.12);
  }

  [[nodiscard]] double edge(Vec2 p) const {
    return std::min(inside_distance(outline_, p), -inside_distance(hole_, p));
  }

  [[nodiscard]] SheetSample sample(Vec2 p, double edge_mm) const {
    double sum = 0, medial = 0, thickness = 0;
    for (const SheetPoint& q : points_) {
      const double dx = p.x - q.x, dz = p.z - q.z;
      const double w =
          std::exp(-(dx * dx + dz * dz) / (2 * 13.0 * 13.0)) + 1e-9 / (1 + dx * dx + dz * dz);
      sum += w;
      medial += w * q.medial;
      thickness += w * q.thickness;
    }
    medial *= separation_ / 178 / sum;
    thickness /= sum;
    medial += (flare_ - 1) * 60 * smoothstep(30, 130, p.z) * smoothstep(-80, 0, p.x);
    const double reach = std::min(0.8 * thickness, 10.0);
    const double r = 1 - std::clamp(edge_mm / reach, 0.0, 1.0);
    const double half = 0.5 * thickness * std::sqrt(std::max(0.0, 1 - r * r));
    SheetSample s{edge_mm, medial + 0.5 * thickness - half, medial + 0.5 * thickness + half};
    return s;
  }
  /// Depth of the socket's wall at p: the lateral surface can't lie further out than this.
  [[nodiscard]] double socket(Vec2 p, double wall) const {
    const double r2 = p.x * p.x + p.z * p.z, radius = socket_ + wall;
    return r2 >= radius * radius ? 1e9 : 0.5 * separation_ - std::sqrt(radius * radius - r2);
  }
  [[nodiscard]] double socket_radius() const { return socket_; }
  [[nodiscard]] const std::vector<Vec2>& outline() const { return outline_; }
  [[nodiscard]] const std::vector<Vec2>& hole() const { return hole_; }

 private:
  double separation_, socket_, flare_ = 1;
  std::vector<Vec2> outline_, hole_;
  std::array<SheetPoint, kHipSheet.size()> points_{};
};

/// A regular grid over the sheet, with points near the socket's rim moved onto it.
struct HipGrid {
  int columns = 0, rows = 0;
  std::vector<Vec2> points;
  std::vector<SheetSample> samples;
};

HipGrid sample_grid(const HipSheet& sheet) {
  constexpr double kStep = 2.6, kLeft = -110, kRight = 64, kBottom = -90, kTop = 146;
  HipGrid grid;
  grid.columns = static_cast<int>((kRight - kLeft) / kStep) + 1;
  grid.rows = static_cast<int>((kTop - kBottom) / kStep) + 1;
  for (int j = 0; j < grid.rows; ++j) {
    for (int i = 0; i < grid.columns; ++i) {
      Vec2 p{kLeft + i * kStep, kBottom + j * kStep};
      const double r = std::sqrt(p.x * p.x + p.z * p.z), rim = sheet.socket_radius() - 0.05;
      if (r > 0 && std::abs(r - rim) < 0.5 * kStep) p = {p.x * rim / r, p.z * rim / r};
      grid.points.push_back(p);
      const double edge = sheet.edge(p);
      grid.samples.push_back(edge > -2 * kStep ? sheet.sample(p, edge) : SheetSample{edge, 0, 0});
    }
  }
  return grid;
}

/// The dense border of the hip bone: a strip along a closed outline, on edge in the lateral view.
Mesh border_strip(const HipSheet& sheet, const std::vector<Vec2>& outline, double inwards,
                  double strength, Rng rng) {
  Tube strip;
  strip.side = {0, 1, 0};
  strip.segments = 8;
  strip.step_mm = 4;
  const std::size_t n = outline.size();
  const double turn = rng.uniform(0, 2 * kPi), swing = rng.uniform(0.1, 0.35);
  for (std::size_t k = 0; k <= n; ++k) {
    const Vec2 a = outline[(k + n - 1) % n], p = outline[k % n], b = outline[(k + 1) % n];
    const double tx = b.x - a.x, tz = b.z - a.z, length = std::hypot(tx, tz);
    const Vec2 q{p.x + inwards * tz / length, p.z - inwards * tx / length};
    const SheetSample s = sheet.sample(q, 100);
    const double angle = 2 * kPi * static_cast<double>(k) / static_cast<double>(n);
    const double gain = strength * (1 + swing * std::sin(2 * angle + turn));
    const double crest = smoothstep(40, 70, q.z);  // there a broad soft band
    strip.nodes.push_back({{q.x, 0.5 * (s.medial + s.lateral), q.z},
                           std::min((2.4 - 0.6 * crest) * gain, 0.3 * (s.lateral - s.medial)),
                           1.1 + 1.3 * crest});
  }
  return tube(strip);
}

/// Closes the two surfaces over the grid cells where `keep` (its zero set is the border) is
/// positive.
class SheetMesher {
 public:
  /// @param wall  0: the bone's surface; else the endosteal surface that far inside
  SheetMesher(const HipSheet& sheet, const HipGrid& grid, double wall)
      : sheet_(sheet), grid_(grid), wall_(wall) {
    const std::size_t n = grid.points.size();
    value_.resize(n);
    medial_.resize(n);
    lateral_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const SheetSample& s = grid.samples[i];
      double m = s.medial + wall * slope(i), l = s.lateral - wall * slope(i);
      const double limit = sheet.socket(grid.points[i], 0);
      if (limit < 1e8) {
        m = std::min(m, limit - 1.5 + wall * 1.4);
        l = std::min(l, sheet.socket(grid.points[i], wall) - 0.0);
      }
      medial_[i] = m;
      lateral_[i] = l;
      value_[i] = wall > 0 ? std::min(s.edge - wall, 0.5 * (l - m)) : s.edge;
      if (std::abs(value_[i]) < 0.02) value_[i] = 0.02;
    }
  }

  Mesh mesh() {
    for (int j = 0; j + 1 < grid_.rows; ++j) {
      for (int i = 0; i + 1 < grid_.columns; ++i) {
        const std::uint32_t a = index(i, j), b = index(i + 1, j), c = index(i, j + 1),
                            d = index(i + 1, j + 1);
        triangle(a, b, d);
        triangle(a, d, c);
      }
    }
    orient_outward(mesh_);
    return std::move(mesh_);
  }

 private:
  struct Pair {
    std::uint32_t medial, lateral;
  };
  [[nodiscard]] std::uint32_t index(int i, int j) const {
    return static_cast<std::uint32_t>(j * grid_.columns + i);
  }
  /// Length along y of a millimetre across the sheet.
  [[nodiscard]] double slope(std::size_t i) const {
    const int x = static_cast<int>(i) % grid_.columns, z = static_cast<int>(i) / grid_.columns;
    if (x == 0 || z == 0 || x + 1 == grid_.columns || z + 1 == grid_.rows) return 1;
    const auto mid = [&](std::size_t k) {
      return 0.5 * (grid_.samples[k].medial + grid_.samples[k].lateral);
    };
    const auto columns = static_cast<std::size_t>(grid_.columns);
    for (const std::size_t k : {i - 1, i + 1, i - columns, i + columns}) {
      if (grid_.samples[k].lateral <= 0) return 1;
    }
    const double gx = (mid(i + 1) - mid(i - 1)) / 5.2,
                 gz = (mid(i + columns) - mid(i - columns)) / 5.2;
    return std::min(2.5, std::sqrt(1 + gx * gx + gz * gz));
  }

  Pair corner(std::uint32_t i) {
    const auto found = corners_.find(i);
    if (found != corners_.end()) return found->second;
    const Vec2 p = grid_.points[i];
    const auto n = static_cast<std::uint32_t>(mesh_.vertices.size());
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, medial_[i], p.z));
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, std::max(lateral_[i], medial_[i]), p.z));
    return corners_[i] = {n, n + 1};
  }
  /// The border point on a grid edge; both surfaces meet there.
  Pair border(std::uint32_t in, std::uint32_t out) {
    const std::uint64_t key =
        (static_cast<std::uint64_t>(std::min(in, out)) << 32) | std::max(in, out);
    const auto found = borders_.find(key);
    if (found != borders_.end()) return found->second;
    const double t = value_[in] / (value_[in] - value_[out]);
    const Vec2 a = grid_.points[in], b = grid_.points[out];
    const Vec2 p{a.x + t * (b.x - a.x), a.z + t * (b.z - a.z)};
    double y = 0.5 * (medial_[in] + lateral_[in]);
    const double outer_y = 0.5 * (medial_[out] + lateral_[out]);
    if (grid_.samples[out].lateral > 0) y += t * (outer_y - y);
    const auto n = static_cast<std::uint32_t>(mesh_.vertices.size());
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, y, p.z));
    return borders_[key] = {n, n};
  }
  void face(Pair a, Pair b, Pair c) {
    mesh_.faces.push_back({a.medial, b.medial, c.medial});
    mesh_.faces.push_back({a.lateral, c.lateral, b.lateral});
  }
  void triangle(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    std::array<std::uint32_t, 3> v{a, b, c};
    const auto in = [&](std::uint32_t i) { return value_[i] > 0; };
    const int count = in(a) + in(b) + in(c);
    if (count == 0) return;
    if (count == 3) {
      face(corner(a), corner(b), corner(c));
      return;
    }
    // Turn the odd one out to the front.
    while (in(v[0]) != (count == 1) || in(v[1]) == (count == 1)) {
      std::rotate(v.begin(), v.begin() + 1, v.end());
    }
    if (count == 1) {
      face(corner(v[0]), border(v[0], v[1]), border(v[0], v[2]));
    } else {
      const Pair p = border(v[1], v[0]), q = border(v[2], v[0]);
      face(p, corner(v[1]), corner(v[2]));
      face(p, corner(v[2]), q);
    }
  }

  const HipSheet& sheet_;
  const HipGrid& grid_;
  double wall_;
  std::vector<double> value_, medial_, lateral_;
  Mesh mesh_;
  std::unordered_map<std::uint32_t, Pair> corners_;
  std::unordered_map<std::uint64_t, Pair> borders_;
};

/// One surface from the head's pole over the neck into the trochanter, drawn in by an inset.
Mesh head_and_neck(const HeadTruth& head, const cv::Vec3d& axis, double k, double head_inset,
                   double neck_inset) {
  constexpr int kSegments = 48, kHeadRings = 26;
  constexpr double kEnd = 2.42;  // polar angle at which the neck begins, rad
  const cv::Vec3d side = cv::normalize(cv::Vec3d(1, 0, 0) - axis[0] * axis),
                  other = axis.cross(side);
  std::vector<Ring> rings;
  const auto add = [&](double along, double half_side, double half_other) {
    Ring ring;
    for (int i = 0; i < kSegments; ++i) {
      const double phi = 2 * kPi * i / kSegments;
      ring.push_back(head.center + along * axis + std::cos(phi) * half_side * side +
                     std::sin(phi) * half_other * other);
    }
    rings.push_back(std::move(ring));
  };
  const double r = head.radius_mm - head_inset;
  for (int i = 1; i <= kHeadRings; ++i) {
    const double theta = kEnd * i / kHeadRings;
    add(-r * std::cos(theta), r * std::sin(theta), r * std::sin(theta));
  }
  const double n = neck_inset;
  add(22 * k, 13.2 * k - n, 15.2 * k - n);
  add(27 * k, 12.0 * k - n, 15.0 * k - n);
  add(35 * k, 11.8 * k - n, 15.2 * k - n);
  add(43 * k, 13.0 * k - n, 17.0 * k - n);
  add(50 * k, 14.5 * k - n, 19.0 * k - n);
  return loft(rings);
}

/// The subchondral bone of the socket's roof: a dense shell round the upper part of the head, seen
/// on edge as the bright arc above it.
Mesh socket_roof(const HeadTruth& head, double left, double socket_radius, double thickness_mm,
                 Rng rng) {
  constexpr int kSteps = 44, kAcross = 9;
  const double from = rad_from_deg(rng.uniform(-25, 5)), to = rad_from_deg(rng.uniform(165, 205));
  const double depth = rad_from_deg(rng.uniform(38, 52));  // from the opening's plane inwards
  std::vector<Ring> rings;
  for (int i = 0; i <= kSteps; ++i) {
    const double f = static_cast<double>(i) / kSteps, a = from + (to - from) * f;
    const double taper = std::max(0.08, std::pow(std::sin(kPi * f), 0.6));
    const cv::Vec3d out(std::cos(a), 0, std::sin(a));
    Ring ring;
    const auto point = [&](double beta, double radius) {
      ring.push_back(head.center + radius * std::cos(beta) * out -
                     cv::Vec3d(0, left * radius * std::sin(beta), 0));
    };
    for (int k = 0; k < kAcross; ++k)
      point(depth * taper * (static_cast<double>(k) / (kAcross - 1) - 0.1), socket_radius);
    for (int k = kAcross - 1; k >= 0; --k) {
      const double x = static_cast<double>(k) / (kAcross - 1);
      point(depth * taper * (x - 0.1),
            socket_radius +
                thickness_mm * taper * (0.25 + 0.75 * std::sin(kPi * std::min(1.0, x + 0.25))));
    }
    rings.push_back(std::move(ring));
  }
  return loft(rings);
}

/// The arcuate line: a bar of dense bone from the socket's roof up to the sacroiliac joint, where
/// it turns back in an arch. From the side it crosses the promontory as a bright line.
Mesh arcuate_bar(const Patient& patient, const SpinePose& pose, double left, Rng rng) {
  const cv::Vec3d middle = 0.5 * (pose.s1_post + pose.s1_ant);
  const double d = patient.s1_depth, w = patient.head_separation / 178;
  const double shift = rng.normal_within(0, 5, -11, 11), rise = rng.normal_within(-1, 4, -9, 7);
  const auto sacral = [&](double x, double y, double z) {
    cv::Vec3d p = middle + pose.sacrum_axes * cv::Vec3d(x * d + shift, 0, z + rise);
    p[1] = left * y * w;
    return p;
  };
  const cv::Vec3d peak = sacral(-0.08, 50, 0);
  const cv::Vec3d start(rng.uniform(-2, 9), left * 74 * w, patient.head_radius + 9);
  const double bow = rng.uniform(-6, 8), strength = rng.uniform(0.2, 1.25);
  const double broad = rng.uniform(0.8, 1.7);
  const auto on_way = [&](double f) {
    const cv::Vec3d p = (1 - f) * start + f * peak;
    return p + cv::Vec3d(4 * f * (1 - f) * bow, 0, 0);
  };
  Tube bar;
  bar.side = {0, 1, 0};
  bar.segments = 14;
  bar.nodes = {{start, 1.2, 0.8 * broad},
               {on_way(0.35), 2.4 * strength, 1.3 * broad},
               {on_way(0.7), 4.2 * strength, 1.8 * broad},
               {on_way(0.92), 4.2 * strength, 1.7 * broad},
               {peak, 3.8 * strength, 1.4 * broad},
               {sacral(-0.24, 48, -5), 3.0 * strength, 1.2},
               {sacral(-0.34, 46, -17), 1.2, 0.6}};
  return tube(bar);
}

/// Turns and stretches the drawn hip bone so that its sacroiliac joint meets the sacrum, while the
/// part around and below the hip follows the pelvis's tilt only.
struct HipPlacement {
  double stretch = 1, upper_rad = 0, lower_rad = 0;
  [[nodiscard]] Vec2 operator()(Vec2 p) const {
    const double w = smoothstep(0, 75, p.z);
    const double a = lower_rad + w * (upper_rad - lower_rad), s = 1 + w * (stretch - 1);
    return {s * (std::cos(a) * p.x - std::sin(a) * p.z),
            s * (std::sin(a) * p.x + std::cos(a) * p.z)};
  }
};

HipPlacement place_hips(const Patient& patient, const SpinePose& pose, Rng& rng) {
  constexpr Vec2 kJoint{-66, 84};
  const cv::Vec3d middle = 0.5 * (pose.s1_post + pose.s1_ant);
  const cv::Vec3d joint =
      middle + pose.sacrum_axes * cv::Vec3d(-11, 0, -0.21 * patient.sacrum_length);
  HipPlacement place;
  place.stretch =
      std::clamp(std::hypot(joint[0], joint[2]) / std::hypot(kJoint.x, kJoint.z), 0.78, 1.3);
  place.upper_rad =
      std::remainder(std::atan2(joint[2], joint[0]) - std::atan2(kJoint.z, kJoint.x), 2 * kPi);
  const double tilt = rad_from_deg(patient.pt - (0.37 * patient.pi - 7) + rng.normal(0, 3));
  place.lower_rad = 0.5 * (tilt + place.upper_rad);
  return place;
}

}  // namespace

SacrumModel build_sacrum(const Patient& patient, const SpinePose& pose, Rng rng) {
  SacrumModel out;
  out.placement.linear = pose.sacrum_axes;
  out.placement.offset = 0.5 * (pose.s1_post + pose.s1_ant);
  const SacralRow row(patient, rng.split("row"));
  const double dish = rng.uniform(0.3, 1.6);
  const double wall = 0.9 * patient.cortical_thickness, plate = 0.7 * patient.cortical_thickness;

  Bone& bone = out.sacrum;
  bone.name = "sacrum";
  bone.cortical_density = 1;
  bone.cancellous_density = cancellous_density(patient.bone_density);
  out.bodies = sacral_bodies(row, dish);
  Rng chambers = rng.split("chambers");
  Bone rest;
  add_sacral_roof(rest, row, patient, rng.split("roof"));
  add_coccyx(rest, row, patient, rng.split("coccyx"));
  const SmoothNoise noise(rng.split("noise"), 0.9, 30);
  noise.displace(rest.outer);
  noise.displace(rest.inner);
  Bone& alae = out.alae;
  alae.name = "sacrum_alae";
  alae.cancellous_density = cancellous_density(0.4 * patient.bone_density);
  add_alae(alae, row, patient, rng.split("alae"));
  const SmoothNoise ala_noise(rng.split("ala noise"), 1.3, 32);
  for (Mesh* mesh : {&alae.outer, &alae.inner}) {
    ala_noise.displace(*mesh);
    transform(*mesh, out.placement);
  }
  bone.outer = out.bodies;
  bone.inner = sacral_chambers(row, dish, patient.sacrum_length, wall, plate, chambers);
  append(bone.outer, rest.outer);
  append(bone.inner, rest.inner);
  transform(bone.outer, out.placement);
  transform(bone.inner, out.placement);
  transform(out.bodies, out.placement);

  const SacralSection s1 = row.at(0.14);
  VertebraFrame& f = out.frame;
  const cv::Matx33d& axes = pose.sacrum_axes;
  f.center = out.placement(s1.center);
  f.anterior = {axes(0, 0), axes(1, 0), axes(2, 0)};
  f.left = {axes(0, 1), axes(1, 1), axes(2, 1)};
  f.up = {axes(0, 2), axes(1, 2), axes(2, 2)};
  f.depth_mm = patient.s1_depth;
  f.width_mm = patient.s1_width;
  f.height_mm = 0.285 * patient.sacrum_length;
  f.pedicle_height_mm = 16;
  f.pedicle_width_mm = 16;
  for (int side = 0; side < 2; ++side) {
    f.pedicle_center[static_cast<std::size_t>(side)] =
        out.placement(s1.center + cv::Vec3d(-0.5 * patient.s1_depth - 4,
                                            (side == 0 ? 1 : -1) * 0.42 * patient.s1_width, 4));
  }
  return out;
}

std::array<Bone, 2> build_hip_bones(const Patient& patient, const SpinePose& pose, Rng rng) {
  const HipSheet sheet(patient, rng.split("sheet"));
  const HipGrid grid = sample_grid(sheet);
  Rng placing = rng.split("place");
  const HipPlacement place = place_hips(patient, pose, placing);
  const double wall = 1.0 * patient.cortical_thickness;
  Mesh outer = SheetMesher(sheet, grid, 0).mesh();
  Mesh inner = SheetMesher(sheet, grid, wall).mesh();
  Rng border = rng.split("border");
  const double strength = border.uniform(0.4, 1.1);
  // The outline runs anticlockwise seen with x to the right, the foramen clockwise.
  append(outer, border_strip(sheet, sheet.outline(), -1.1, strength, border.split("outline")));
  append(outer, border_strip(sheet, sheet.hole(), -1.1, 0.7 * strength, border.split("hole")));
  for (Mesh* mesh : {&outer, &inner}) {
    for (auto& v : mesh->vertices) {
      const Vec2 p = place({v[0], v[2]});
      v[0] = static_cast<float>(p.x);
      v[2] = static_cast<float>(p.z);
    }
  }
  std::array<Bone, 2> bones;
  for (int side = 0; side < 2; ++side) {
    Bone& bone = bones[static_cast<std::size_t>(side)];
    bone.name = side == 0 ? "ilium_left" : "ilium_right";
    bone.cancellous_density = cancellous_density(patient.bone_density);
    bone.outer = outer;
    bone.inner = inner;
    const SmoothNoise noise(rng.split("noise", static_cast<std::uint64_t>(side)), 1.2, 70);
    const cv::Vec3d head = pose.heads[0].center;
    for (Mesh* mesh : {&bone.outer, &bone.inner}) {
      for (auto& v : mesh->vertices) {
        // The socket keeps its shape.
        const double r = cv::norm(cv::Vec3d(v) - head);
        v += cv::Vec3f(smoothstep(1.2, 2.2, r / patient.head_radius) * noise(cv::Vec3d(v)));
        if (side == 1) v[1] = -v[1];
      }
      orient_outward(*mesh);
    }
    const double left = side == 0 ? 1 : -1;
    const auto i = static_cast<std::uint64_t>(side);
    const double thickness = Rng(rng.split("sclerosis", i)).uniform(2.2, 4.2);
    append(bone.outer, socket_roof(pose.heads[i], left, sheet.socket_radius(), thickness,
                                   rng.split("roof", i)));
    append(bone.outer, arcuate_bar(patient, pose, left, rng.split("bar", i)));
  }
  return bones;
}

Bone build_femur(const Patient& patient, const HeadTruth& head, int side, Rng rng) {
  Bone bone;
  bone.name = side == 0 ? "femur_left" : "femur_right";
  bone.cancellous_density = cancellous_density(patient.bone_density);
  const double left = side == 0 ? 1 : -1, k = patient.head_radius / 24;
  const double cortex = 0.55 * patient.cortical_thickness;
  const double flexion = rad_from_deg(rng.normal_within(8, 9, -12, 40));
  const auto at = [&](double forward, double out, double down) {
    const double x = k * forward, z = -k * down;
    return cv::Vec3d(head.center[0] + std::cos(flexion) * x - std::sin(flexion) * z,
                     head.center[1] + left * k * out,
                     head.center[2] + std::sin(flexion) * x + std::cos(flexion) * z);
  };
  const cv::Vec3d axis = cv::normalize(at(-5, 30, 23) - head.center);
  append(bone.outer, head_and_neck(head, axis, k, 0, 0));
  append(bone.inner, head_and_neck(head, axis, k, cortex, 0.9 * patient.cortical_thickness));
  Tube shaft;
  shaft.side = {1, 0, 0};
  shaft.segments = 28;
  shaft.nodes = {{at(-14, 50, 8), 11 * k, 8 * k},   {at(-12, 49, 22), 17 * k, 13 * k},
                 {at(-9, 44, 45), 17 * k, 17 * k},  {at(-6, 40, 75), 15 * k, 15 * k},
                 {at(-2, 36, 130), 14 * k, 14 * k}, {at(2, 31, 210), 13.5 * k, 13.5 * k}};
  append(bone.outer, tube(shaft));
  // The marrow: a thin cortex in the trochanter, a thick one in the shaft.
  Tube marrow = shaft;
  const std::array<double, 6> wall{1.0, 1.2, 2.0, 4.5, 5.5, 5.5};
  for (std::size_t i = 0; i < marrow.nodes.size(); ++i) {
    marrow.nodes[i].half_side -= wall[i] * patient.cortical_thickness;
    marrow.nodes[i].half_other -= wall[i] * patient.cortical_thickness;
  }
  append(bone.inner, tube(marrow));
  return bone;
}

}  // namespace spine::sim
