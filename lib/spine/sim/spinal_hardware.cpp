#include "spine/sim/spinal_hardware.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_ops.h"

namespace spine::sim {
namespace {

constexpr int kScrewSegments = 24;
constexpr double kBoreMm = 1.5;

/// Two unit vectors perpendicular to `axis` and to each other.
std::pair<cv::Vec3d, cv::Vec3d> plane_of(const cv::Vec3d& axis) {
  const cv::Vec3d helper = std::abs(axis[1]) < 0.9 ? cv::Vec3d(0, 1, 0) : cv::Vec3d(1, 0, 0);
  const cv::Vec3d u = cv::normalize(axis.cross(helper));
  return {u, axis.cross(u)};
}

Ring circle(const cv::Vec3d& center, const cv::Vec3d& u, const cv::Vec3d& v, double radius,
            int segments) {
  Ring ring;
  for (int k = 0; k < segments; ++k) {
    const double phi = 2 * kPi * k / segments;
    ring.push_back(center + u * (radius * std::cos(phi)) + v * (radius * std::sin(phi)));
  }
  return ring;
}

Mesh cylinder(const cv::Vec3d& from, const cv::Vec3d& to, double radius, int segments) {
  const auto [u, v] = plane_of(cv::normalize(to - from));
  return loft(
      std::vector<Ring>{circle(from, u, v, radius, segments), circle(to, u, v, radius, segments)});
}

/// Height of a thread's profile over one pitch, 0 ... 1: a ridge on half of it, flat between.
double thread(double phase) {
  const double f = phase - std::floor(phase);
  return std::max(0.0, 1 - std::abs(f - 0.5) / 0.28);
}

/// A rounded rectangle, counter-clockwise, in units of its half sides.
std::vector<cv::Vec2d> rounded_square(int per_corner) {
  std::vector<cv::Vec2d> points;
  constexpr double kRound = 0.35;
  constexpr std::array<std::array<double, 2>, 4> kCorners{{{1, 1}, {-1, 1}, {-1, -1}, {1, -1}}};
  for (std::size_t c = 0; c < kCorners.size(); ++c) {
    for (int k = 0; k < per_corner; ++k) {
      const double phi =
          kPi / 2 * (static_cast<double>(c) + static_cast<double>(k) / (per_corner - 1));
      points.emplace_back(kCorners[c][0] * (1 - kRound) + kRound * std::cos(phi),
                          kCorners[c][1] * (1 - kRound) + kRound * std::sin(phi));
    }
  }
  return points;
}

/// The cage's outline at one height, drawn in by `inset_mm`.
Ring cage_ring(const DiscSpace& space, const CageForm& form, double height, double inset_mm) {
  const double inset = inset_mm / space.depth_mm();
  const double depth_half = (form.depth_to - form.depth_from) / 2 - inset;
  const double left_half = (form.left_to_mm - form.left_from_mm) / 2 - inset_mm;
  Ring ring;
  for (const cv::Vec2d& p : rounded_square(6)) {
    const double left = (form.left_from_mm + form.left_to_mm) / 2 + p[1] * left_half;
    const double bend = form.bend_mm / space.depth_mm() * p[1] * p[1];
    const double depth = (form.depth_from + form.depth_to) / 2 + p[0] * depth_half - bend;
    ring.push_back(space.at(depth, left, height));
  }
  return ring;
}

}  // namespace

Mesh make_screw(const ScrewForm& form) {
  const cv::Vec3d along = form.tip - form.head;
  const double length = cv::norm(along);
  if (length < 5)
    throw Error(ErrorKind::internal, "make screw: expected a length of at least 5 mm");
  const cv::Vec3d axis = along * (1 / length);
  const auto [u, v] = plane_of(axis);
  const double outer = form.diameter_mm / 2;
  const double core = outer * form.core;
  const double step = form.pitch_mm / 6;
  const int steps = static_cast<int>(std::ceil(length / step));
  std::vector<Ring> rings;
  for (int i = 0; i <= steps; ++i) {
    const double z = length * i / steps;
    const double left = length - z;
    // A smooth neck below the head, a taper over the last few millimetres.
    const double depth = std::clamp((z - 2) / 2, 0.0, 1.0);
    const double taper = 0.35 + 0.65 * std::sqrt(std::clamp(left / (1.6 * outer), 0.0, 1.0));
    Ring ring;
    for (int k = 0; k < kScrewSegments; ++k) {
      const double turn = static_cast<double>(k) / kScrewSegments;
      const double radius =
          taper * (core + (outer - core) * depth * thread(z / form.pitch_mm - turn));
      ring.push_back(form.head + axis * z + u * (radius * std::cos(2 * kPi * turn)) +
                     v * (radius * std::sin(2 * kPi * turn)));
    }
    rings.push_back(std::move(ring));
  }
  Mesh mesh = loft(rings);
  if (form.cannulated) {
    Mesh bore = cylinder(form.head + axis * 0.3, form.tip - axis * 0.3, kBoreMm / 2, 12);
    flip_faces(bore);
    append(mesh, bore);
  }
  return mesh;
}

Mesh make_tulip(const TulipForm& form) {
  const cv::Vec3d side = form.rod.cross(form.back);
  const double slot = form.rod_diameter_mm / 2 + 0.15;
  const double bottom = -form.rod_diameter_mm / 2;
  const auto level = [&](double h) { return form.center + form.back * h; };
  Mesh mesh = sphere(level(-kTulipDepthMm + 2.6), 3.1, 10, 16);
  append(mesh, cylinder(level(-kTulipDepthMm + 1.5), level(bottom), form.radius_mm * 0.95, 24));
  const double half_angle = std::acos(std::min(slot / form.radius_mm, 0.95));
  for (const double sign : {1.0, -1.0}) {
    std::vector<Ring> rings;
    for (const double h : {bottom, form.height_mm}) {
      Ring ring;
      for (int k = 0; k <= 10; ++k) {
        const double phi = half_angle * (k / 5.0 - 1);
        ring.push_back(level(h) + side * (sign * form.radius_mm * std::cos(phi)) +
                       form.rod * (form.radius_mm * std::sin(phi)));
      }
      rings.push_back(std::move(ring));
    }
    append(mesh, loft(rings));
  }
  append(mesh, cylinder(level(form.rod_diameter_mm / 2), level(form.rod_diameter_mm / 2 + 4),
                        slot - 0.1, 20));
  return mesh;
}

Mesh make_rod(const std::vector<cv::Vec3d>& points, double diameter_mm) {
  if (points.size() < 2) throw Error(ErrorKind::internal, "make rod: expected at least two points");
  Tube form;
  for (const auto& p : points) form.nodes.push_back({p, diameter_mm / 2, diameter_mm / 2});
  form.segments = 20;
  return tube(form);
}

Mesh make_pin(const cv::Vec3d& from, const cv::Vec3d& to, double diameter_mm) {
  return cylinder(from, to, diameter_mm / 2, 10);
}

cv::Vec3d DiscSpace::at(double depth, double left_mm, double height) const {
  const cv::Vec3d lower = lower_post + (lower_ant - lower_post) * depth;
  const cv::Vec3d upper = upper_post + (upper_ant - upper_post) * depth;
  return lower + (upper - lower) * height + left * left_mm;
}

double DiscSpace::depth_mm() const {
  return (cv::norm(lower_ant - lower_post) + cv::norm(upper_ant - upper_post)) / 2;
}

double DiscSpace::height_mm(double depth) const {
  const cv::Vec3d along = cv::normalize(lower_ant - lower_post + upper_ant - upper_post);
  const cv::Vec3d up = along.cross(left);
  return (at(depth, 0, 1) - at(depth, 0, 0)).dot(up);
}

Mesh make_cage(const DiscSpace& space, const CageForm& form) {
  constexpr double kChamferMm = 0.8;
  const double bevel = 0.08;
  std::vector<Ring> rings;
  rings.push_back(cage_ring(space, form, -form.embed, kChamferMm));
  rings.push_back(cage_ring(space, form, -form.embed + bevel, 0));
  rings.push_back(cage_ring(space, form, 1 + form.embed - bevel, 0));
  rings.push_back(cage_ring(space, form, 1 + form.embed, kChamferMm));
  Mesh mesh = loft(rings);
  const double room = std::min((form.depth_to - form.depth_from) * space.depth_mm(),
                               form.left_to_mm - form.left_from_mm);
  if (room > 2 * form.wall_mm + 1) {
    Mesh window =
        loft(std::vector<Ring>{cage_ring(space, form, -form.embed + 0.02, form.wall_mm),
                               cage_ring(space, form, 1 + form.embed - 0.02, form.wall_mm)});
    flip_faces(window);
    append(mesh, window);
  }
  return mesh;
}

std::array<Mesh, 4> make_cage_markers(const DiscSpace& space, const CageForm& form) {
  constexpr double kInsetMm = 1.6;
  const double inset = kInsetMm / space.depth_mm();
  std::array<Mesh, 4> pins;
  std::size_t i = 0;
  for (const double depth : {form.depth_from + inset, form.depth_to - inset}) {
    for (const double left : {form.left_from_mm + kInsetMm, form.left_to_mm - kInsetMm}) {
      const double bend = form.bend_mm / space.depth_mm();  // the pins stand at the sides
      pins[i++] =
          make_pin(space.at(depth - bend, left, 0.02), space.at(depth - bend, left, 0.98), 1.0);
    }
  }
  return pins;
}

}  // namespace spine::sim
