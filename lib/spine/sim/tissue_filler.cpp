#include "spine/sim/tissue_filler.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

Mesh make_blob(const cv::Vec3d& center, const cv::Vec3d& radii_mm, double lumpiness, int rings,
               Rng& rng, std::optional<double> turn_rad) {
  Mesh mesh = sphere({0, 0, 0}, 1.0, rings, 2 * rings);
  struct Wave {
    cv::Vec3d direction;
    double phase, height;
  };
  std::array<Wave, 5> waves;
  for (Wave& wave : waves) {
    wave.direction = cv::Vec3d(rng.normal(), rng.normal(), rng.normal()) * 2.2;
    wave.phase = rng.uniform(0, 2 * kPi);
    wave.height = lumpiness * rng.uniform(0.3, 1) / 2;
  }
  const cv::Matx33d turn = [&] {
    const double a = turn_rad.value_or(rng.uniform(0, 2 * kPi)), b = rng.normal(0, 0.5);
    const cv::Matx33d about_y(std::cos(a), 0, std::sin(a), 0, 1, 0, -std::sin(a), 0, std::cos(a));
    const cv::Matx33d about_x(1, 0, 0, 0, std::cos(b), -std::sin(b), 0, std::sin(b), std::cos(b));
    return about_y * about_x;
  }();
  for (cv::Vec3f& vertex : mesh.vertices) {
    const cv::Vec3d unit(vertex);
    double stretch = 1;
    for (const Wave& wave : waves)
      stretch += wave.height * std::sin(wave.direction.dot(unit) + wave.phase);
    const cv::Vec3d scaled = unit.mul(radii_mm) * std::max(0.4, stretch);
    vertex = cv::Vec3f(turn * scaled + center);
  }
  return mesh;
}

void Filler::add(Material material, const Mesh& mesh) {
  for (SoftTissue::Part& part : soft_.parts) {
    if (part.material == material && part.mesh.faces.size() < 4000) {
      append(part.mesh, mesh);
      return;
    }
  }
  soft_.parts.push_back({mesh, material});
}

void Filler::add_blob(Material material, cv::Vec3d center, const cv::Vec3d& radii_mm,
                      double lumpiness, int rings) {
  const double reach = std::max({radii_mm[0], radii_mm[1], radii_mm[2]}) + 6;
  const double z = center[2];
  const double side = trunk_.half_width(z) - trunk_.fat_side(z) - reach;
  center[1] = std::clamp(center[1], -std::max(side, 1.0), std::max(side, 1.0));
  // Sections narrow towards front and back.
  const double half = (trunk_.front_x(z) - trunk_.back_x(z)) / 2;
  const double middle = (trunk_.front_x(z) + trunk_.back_x(z)) / 2;
  const double t = std::min(0.95, std::abs(center[1]) / std::max(trunk_.half_width(z), 1.0));
  const double room = half * std::sqrt(1 - t * t) - trunk_.fat_front(z) - reach;
  center[0] = std::min(center[0], middle + std::max(room, 0.0));
  add(material, make_blob(center, radii_mm, lumpiness, rings, rng_));
}

}  // namespace spine::sim
