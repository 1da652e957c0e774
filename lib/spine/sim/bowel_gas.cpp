#include "spine/sim/bowel_gas.h"

#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"

namespace spine::sim {

namespace {

/// A chain of gas-filled bowel: a random walk of lumps.
void add_gas_chain(Filler& filler, cv::Vec3d at, double radius_mm, int lumps) {
  Rng& rng = filler.rng();
  double heading = rng.uniform(0, 2 * kPi);
  for (int i = 0; i < lumps; ++i) {
    const double r = radius_mm * rng.uniform(0.6, 1.3);
    filler.add_blob(Material::gas, at, {r * rng.uniform(0.7, 1.4), r, r * rng.uniform(0.6, 1.1)},
                    rng.uniform(0.3, 0.6), r > 7 ? 12 : 8);
    heading += rng.normal(0, 0.7);
    at += cv::Vec3d(std::cos(heading), rng.normal(0, 0.3), std::sin(heading)) * (1.55 * r);
  }
}

/// Stool: many small bubbles in a lump.
void add_stool(Filler& filler, const cv::Vec3d& center, double radius_mm, int bubbles) {
  Rng& rng = filler.rng();
  for (int i = 0; i < bubbles; ++i) {
    const cv::Vec3d offset(rng.normal(0, 0.5), rng.normal(0, 0.5), rng.normal(0, 0.5));
    const double r = rng.uniform(1.2, 4.5);
    filler.add_blob(Material::gas, center + offset * radius_mm,
                    {r * rng.uniform(0.7, 1.6), r * rng.uniform(0.8, 2.0), r}, 0.5, 5);
  }
}

}  // namespace

void add_bowel(Filler& filler, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const Trunk& trunk = filler.trunk();
  const double low = anatomy.frames[5].center[2] - 30, high = anatomy.frames[0].center[2];
  const auto somewhere = [&](double reach) {
    const double z = rng.uniform(low, high);
    const bool flank = rng.chance(0.35);
    const double wall = trunk.spine_x(z) + 24;
    const double front = trunk.front_x(z) - trunk.fat_front(z) - reach;
    // Flank bowel lies beside the spine and is seen over it; the rest in front.
    const double x = flank ? trunk.spine_x(z) + rng.uniform(-15, 60)
                           : rng.uniform(std::min(wall + reach, front), front);
    const double y =
        flank ? std::copysign(rng.uniform(60, 110), rng.uniform() - 0.5) : rng.normal(0, 45);
    return cv::Vec3d(x, y, z);
  };
  const double amount = rng.uniform() * rng.uniform() * 2.2;  // mostly little, sometimes much
  const int chains = static_cast<int>(std::lround(7 * amount));
  for (int i = 0; i < chains; ++i) {
    const double r = rng.uniform(5, 17);
    add_gas_chain(filler, somewhere(r), r, rng.integer(2, 9));
  }
  const int stools = static_cast<int>(std::lround(5 * rng.uniform() * rng.uniform() * 2));
  for (int i = 0; i < stools; ++i) {
    const double r = rng.uniform(14, 38);
    add_stool(filler, somewhere(r), r, rng.integer(20, 110));
  }
  if (rng.chance(0.45)) {  // the stomach's bubble under the left dome
    const double z = anatomy.frames[0].center[2] + rng.uniform(20, 80);
    const double r = rng.uniform(14, 34);
    filler.add_blob(Material::gas, {trunk.spine_x(z) + rng.uniform(25, 80), rng.uniform(30, 70), z},
                    {r * rng.uniform(0.9, 1.7), r, r * rng.uniform(0.5, 0.9)}, 0.25, 14);
  }
  // Rectum and sigmoid, in front of the lower sacrum.
  if (rng.chance(0.65)) {
    const cv::Vec3d hollow(anatomy.s1_ant[0] * 0.25 - 25, 0, anatomy.s1_ant[2] - 65);
    const int count = rng.integer(1, 4);
    for (int i = 0; i < count; ++i) {
      const cv::Vec3d center =
          hollow + cv::Vec3d(rng.normal(0, 14), rng.normal(0, 12), rng.normal(0, 22));
      const double r = rng.uniform(8, 24);
      filler.add_blob(Material::gas, center,
                      {r * rng.uniform(0.8, 1.4), r, r * rng.uniform(0.7, 1.3)}, 0.3, 14);
      if (rng.chance(0.5)) add_stool(filler, center, 1.3 * r, rng.integer(5, 40));
    }
  }
}

}  // namespace spine::sim
