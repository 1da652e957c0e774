#include "spine/sim/hip_prosthesis.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/spinal_hardware.h"

namespace spine::sim {
namespace {

constexpr double kShellMm = 3.5;   ///< metal shell of an uncemented cup
constexpr double kMantleMm = 2.0;  ///< cement around the stem

/// A bowl about `center` opening along `axis`: between two radii, slightly less than half a sphere.
Mesh bowl(const cv::Vec3d& center, const cv::Vec3d& axis, double inner, double outer) {
  const cv::Vec3d helper = std::abs(axis[0]) < 0.9 ? cv::Vec3d(1, 0, 0) : cv::Vec3d(0, 0, 1);
  const cv::Vec3d u = cv::normalize(axis.cross(helper));
  const cv::Vec3d v = axis.cross(u);
  constexpr int kRings = 12;
  constexpr int kSegments = 40;
  const auto ring = [&](double radius, double polar) {
    Ring out;
    for (int k = 0; k < kSegments; ++k) {
      const double phi = 2 * kPi * k / kSegments;
      out.push_back(center - axis * (radius * std::cos(polar)) +
                    (u * std::cos(phi) + v * std::sin(phi)) * (radius * std::sin(polar)));
    }
    return out;
  };
  // One profile: outside from the pole to the rim, inside back to the pole.
  std::vector<Ring> rings;
  for (int i = 0; i < kRings; ++i) rings.push_back(ring(outer, 0.03 + 1.5 * i / (kRings - 1)));
  for (int i = kRings - 1; i >= 0; --i) rings.push_back(ring(inner, 0.03 + 1.5 * i / (kRings - 1)));
  return loft(rings);
}

Tube stem(const HipProsthesisForm& form, double extra_mm) {
  const cv::Vec3d down = cv::normalize(form.shaft_bottom - form.shaft_top);
  const cv::Vec3d inward = form.head.center - form.shaft_top;
  Tube tube_form;
  const double r = form.stem_radius_mm + extra_mm;
  // Starts at the neck cut, wide towards the calcar, and bends into the shaft.
  tube_form.nodes = {
      {form.shaft_top + inward * 0.42, r * 0.85, r * 0.75},
      {form.shaft_top + inward * 0.12 + down * (0.14 * form.stem_length_mm), r, r * 0.85},
      {form.shaft_top + down * (0.45 * form.stem_length_mm), r * 0.78, r * 0.72},
      {form.shaft_top + down * (0.8 * form.stem_length_mm), r * 0.6, r * 0.58},
      {form.shaft_top + down * form.stem_length_mm, r * 0.45, r * 0.45}};
  tube_form.side = inward - down * inward.dot(down);
  tube_form.exponent = 2.6;
  return tube_form;
}

}  // namespace

std::vector<ImplantPart> make_hip_prosthesis(const HipProsthesisForm& form,
                                             const std::string& side) {
  const std::string name = "hip_prosthesis_" + side;
  const cv::Vec3d& center = form.head.center;
  std::vector<ImplantPart> parts;
  const auto add = [&](Mesh mesh, Material material) {
    parts.push_back({name, std::move(mesh), material});
  };
  add(sphere(center, form.head.radius_mm, 32, 48), Material::cobalt_chrome);

  const double liner = form.polyethylene_cup ? form.cup_radius_mm : form.cup_radius_mm - kShellMm;
  if (liner > form.head.radius_mm + 0.5) {
    add(bowl(center, form.cup_opening, form.head.radius_mm + 0.2, liner), Material::peek);
  }
  if (form.polyethylene_cup) {
    // Only the wire around the rim is visible on a film.
    Tube wire;
    const cv::Vec3d helper =
        std::abs(form.cup_opening[0]) < 0.9 ? cv::Vec3d(1, 0, 0) : cv::Vec3d(0, 0, 1);
    const cv::Vec3d u = cv::normalize(form.cup_opening.cross(helper));
    const cv::Vec3d v = form.cup_opening.cross(u);
    constexpr int kSteps = 36;
    for (int k = 0; k < kSteps; ++k) {
      const double phi = 2 * kPi * k / kSteps;
      wire.nodes.push_back(
          {center + (u * std::cos(phi) + v * std::sin(phi)) * (liner - 1.5), 0.6, 0.6});
    }
    wire.side = form.cup_opening;
    wire.segments = 8;
    add(tube(wire), Material::cobalt_chrome);
  } else {
    add(bowl(center, form.cup_opening, liner + 0.05, form.cup_radius_mm), Material::titanium);
  }

  const Tube metal = stem(form, 0);
  const cv::Vec3d neck_end = metal.nodes.front().center;
  Tube neck;
  const double neck_radius = std::min(6.5, 0.42 * form.head.radius_mm);
  neck.nodes = {{center, neck_radius * 0.9, neck_radius * 0.9},
                {(center + neck_end) * 0.5, neck_radius * 0.85, neck_radius * 0.85},
                {neck_end, neck_radius * 1.2, neck_radius * 1.1}};
  neck.side = metal.side;
  add(tube(neck), form.cemented ? Material::cobalt_chrome : Material::titanium);
  add(tube(metal), form.cemented ? Material::cobalt_chrome : Material::titanium);
  if (form.cemented) {
    // Bone cement is radiopaque by barium sulphate; the mantle is the part outside the stem.
    Mesh mantle = tube(stem(form, kMantleMm));
    Mesh hollow = tube(metal);
    for (auto& f : hollow.faces) std::swap(f[1], f[2]);
    append(mantle, hollow);
    add(std::move(mantle), Material::cortical);
  }
  return parts;
}

}  // namespace spine::sim
