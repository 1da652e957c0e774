#include "spine/sim/sacrum_mesh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_ops.h"
#include "spine/sim/sacral_junction.h"

namespace spine::sim {

namespace {

/// A piecewise linear function.
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
    const double usual_lean = rng.normal_within(9, 4, 0, 18);
    const double lean = rad_from_deg(patient.junction ? patient.junction->lean_deg : usual_lean);
    // Depth and width at the segments' ends and waists; the ridges between segments stand out.
    depth_.points = {{0, d},           {0.14, 0.80 * d}, {0.285, 0.70 * d}, {0.40, 0.53 * d},
                     {0.52, 0.50 * d}, {0.62, 0.40 * d}, {0.72, 0.40 * d},  {0.80, 0.32 * d},
                     {0.87, 0.32 * d}, {1.0, 0.24 * d}};
    width_.points = {{0, w},           {0.15, 0.86 * w}, {0.285, 0.80 * w},
                     {0.52, 0.64 * w}, {0.72, 0.54 * w}, {1.0, 0.38 * w}};
    if (patient.junction) {
      depth_.points[2].second = patient.junction->taper * d;
      depth_.points[1].second = (0.45 + 0.5 * patient.junction->taper) * d;
    }
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

constexpr std::array<double, 6> kEnds{0, 0.285, 0.52, 0.72, 0.87, 1.0};  ///< of the segments

/// Chambers of cancellous bone: one a segment, and a thin one in each remnant of a disc.
/// @param first_disc_mm  height of the S1-S2 disc, which has no chamber; 0: a remnant like the
/// others
Mesh sacral_chambers(const SacralRow& row, double dish_mm, double length, double wall, double plate,
                     double first_disc_mm, Rng& rng) {
  Mesh inner;
  for (std::size_t k = 0; k + 1 < kEnds.size(); ++k) {
    double remnant = rng.uniform(0.6, 3.0) / length / (1.0 + static_cast<double>(k));
    const double p = plate / length;
    const double before = k == 1 && first_disc_mm > 0 ? first_disc_mm / length : remnant;
    if (k == 0 && first_disc_mm > 0) remnant = first_disc_mm / length;
    const double from = kEnds[k] + (k == 0 ? p : before / 2 + p);
    const double to = kEnds[k + 1] - (k == 4 ? p : remnant / 2 + p);
    std::vector<Ring> rings;
    if (k == 0) add_endplate_rings(rings, row, dish_mm, wall, plate);
    for (int i = 0; i <= 8; ++i)
      rings.push_back(sacral_ring(row, from + (to - from) * i / 8, wall));
    append(inner, loft(rings));
    if (k == 4 || (k == 0 && first_disc_mm > 0)) continue;
    rings = {sacral_ring(row, kEnds[k + 1] - remnant / 2, wall),
             sacral_ring(row, kEnds[k + 1] + remnant / 2, wall)};
    append(inner, loft(rings));
  }
  return inner;
}

/// Hollow of the S1-S2 disc.
Mesh first_disc(const SacralRow& row, const SacralJunction& junction, double length) {
  const double half = junction.remnant_mm / length / 2;
  const std::array<Ring, 2> rings{sacral_ring(row, kEnds[1] - half, 0, junction.remnant_reach),
                                  sacral_ring(row, kEnds[1] + half, 0, junction.remnant_reach)};
  Mesh disc = loft(rings);
  flip_faces(disc);
  return disc;
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
/// projected tangentially over its whole length in the lateral view.
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

}  // namespace

SacrumModel build_sacrum(const Patient& patient, const SpinePose& pose, Rng rng) {
  SacrumModel out;
  out.placement.linear = pose.sacrum_axes;
  out.placement.offset = 0.5 * (pose.s1_post + pose.s1_ant);
  const SacralRow row(patient, rng.split("row"));
  const double usual_dish = rng.uniform(0.3, 1.6);
  const double dish = patient.junction ? 0 : usual_dish;
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
  bone.inner = sacral_chambers(row, dish, patient.sacrum_length, wall, plate,
                               patient.junction ? patient.junction->remnant_mm : 0, chambers);
  if (patient.junction) {
    append(bone.outer, first_disc(row, *patient.junction, patient.sacrum_length));
  }
  append(bone.outer, rest.outer);
  append(bone.inner, rest.inner);
  transform(bone.outer, out.placement);
  transform(bone.inner, out.placement);
  transform(out.bodies, out.placement);
  for (Mesh* mesh : {&bone.outer, &bone.inner, &out.bodies, &alae.outer, &alae.inner}) {
    shape_junction(patient, pose, *mesh);
  }

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

}  // namespace spine::sim
