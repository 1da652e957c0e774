#include "spine/sim/lungs.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

/// A lung's lower part: a column whose floor is the diaphragm's dome.
Mesh make_lung(const Trunk& trunk, double side, double dome_z, double recess_z, Rng& rng) {
  constexpr int kRings = 9, kPoints = 40;
  const double top = trunk.top_z - 12, z = dome_z;
  const double wall = trunk.half_width(z) - trunk.fat_side(z) - 16;
  const double inner = rng.uniform(16, 28);
  const double back = trunk.back_x(z) + trunk.fat_back(z) + rng.uniform(8, 18);
  const double front = trunk.front_x(z) - trunk.fat_front(z) - rng.uniform(8, 25);
  const cv::Vec2d middle((front + back) / 2, side * (wall + inner) / 2);
  const double half_depth = (front - back) / 2;
  const double half_width = (wall - inner) / 2;
  const double apex = rng.uniform(0.15, 0.45), drop = dome_z - recess_z;
  const double slant = rng.uniform(-0.4, 0.05);   // of the front chest wall
  const auto floor_z = [&](double u, double v) {  // u to the front, v outwards, in [-1, 1]
    const double behind = std::max(0.0, apex - u) / (1 + apex),
                 ahead = std::max(0.0, u - apex) / (1 - apex);
    return dome_z - drop * (behind * behind * behind * 0.35 + behind * behind * 0.65) -
           0.35 * drop * ahead * ahead - 0.45 * drop * v * v;
  };
  Mesh mesh;
  const auto add_sheet = [&](bool upper) {
    mesh.vertices.emplace_back(static_cast<float>(middle[0]), static_cast<float>(middle[1]),
                               static_cast<float>(upper ? top : floor_z(0, 0)));
    for (int ring = 1; ring <= kRings; ++ring) {
      for (int i = 0; i < kPoints; ++i) {
        const double angle = 2 * kPi * i / kPoints, r = static_cast<double>(ring) / kRings;
        const double u = r * std::cos(angle);
        const double v =
            r * std::copysign(std::pow(std::abs(std::sin(angle)), 1.25), std::sin(angle));
        const double z_here = upper ? top : floor_z(u, v);
        const double lean = slant * (z_here - dome_z) * std::max(0.0, u);
        mesh.vertices.emplace_back(static_cast<float>(middle[0] + half_depth * u + lean),
                                   static_cast<float>(middle[1] + side * half_width * v),
                                   static_cast<float>(z_here));
      }
    }
  };
  add_sheet(false);
  add_sheet(true);
  constexpr std::uint32_t kSheet = 1 + kRings * kPoints;
  const auto at = [](int ring, int i) {
    return static_cast<std::uint32_t>(ring == 0 ? 0 : 1 + (ring - 1) * kPoints + i % kPoints);
  };
  const auto quad = [&](std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    if (a != b) mesh.faces.push_back({a, b, c});
    mesh.faces.push_back({a, c, d});
  };
  for (int i = 0; i < kPoints; ++i) {
    for (int ring = 0; ring < kRings; ++ring) {
      quad(at(ring, i), at(ring, i + 1), at(ring + 1, i + 1), at(ring + 1, i));
      quad(kSheet + at(ring, i + 1), kSheet + at(ring, i), kSheet + at(ring + 1, i),
           kSheet + at(ring + 1, i + 1));
    }
    quad(at(kRings, i), at(kRings, i + 1), kSheet + at(kRings, i + 1), kSheet + at(kRings, i));
  }
  orient_outward(mesh);
  return mesh;
}

}  // namespace

void add_lungs(Filler& filler, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const double l1 = anatomy.frames[0].center[2], t10 = anatomy.thorax_top[2];
  const double dome = rng.normal_within((l1 + t10) / 2 + 25, 28, l1 + 20, t10 + 60);
  for (const double side : {1.0, -1.0}) {  // the right dome stands higher
    const double dome_z = dome + (side < 0 ? 8 : -4) + rng.normal(0, 4);
    const double recess = std::min(dome_z - 15, l1 + rng.normal(12, 14));
    filler.add(Material::lung, make_lung(filler.trunk(), side, dome_z, recess, rng));
  }
}

}  // namespace spine::sim
