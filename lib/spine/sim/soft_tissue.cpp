#include "spine/sim/soft_tissue.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "spine/core/geometry.h"
#include "spine/sim/bowel_gas.h"
#include "spine/sim/lungs.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/tissue_filler.h"
#include "spine/sim/trunk.h"

namespace spine::sim {

namespace {

/// Fat between the organs: soft dark patches.
void add_inner_fat(Filler& filler, const Patient& patient, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const int count =
      rng.integer(4, 9) + static_cast<int>(std::max(0.0, patient.body_mass_index - 23));
  for (int i = 0; i < count; ++i) {
    const double z = rng.uniform(-40, anatomy.frames[0].center[2] + 30);
    const double r = rng.uniform(6, 18);
    const double x =
        rng.uniform(filler.trunk().spine_x(z) + 20,
                    std::max(filler.trunk().spine_x(z) + 30, filler.trunk().front_x(z) - 30));
    filler.add_blob(Material::fat, {x, rng.normal(0, 60), z},
                    {r * rng.uniform(0.6, 1.8), r * rng.uniform(0.8, 9), r * rng.uniform(0.6, 1.6)},
                    0.25, 9);
  }
}

/// Fat between muscles: thin sheets, visible as long soft streaks, mostly posterior to the spine.
void add_fat_planes(Filler& filler, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const Trunk& trunk = filler.trunk();
  const double low = -60, high = anatomy.frames[0].center[2] + 50;
  for (int i = rng.integer(10, 26); i > 0; --i) {
    const double z = rng.uniform(low, high), spine = trunk.spine_x(z);
    const bool behind = rng.chance(0.65);
    const double back = trunk.back_x(z) + trunk.fat_back(z) + 6;
    const double x = behind ? rng.uniform(back, std::max(back + 5, spine - 20))
                            : rng.uniform(spine + 20, trunk.front_x(z) - trunk.fat_front(z) - 10);
    const double y = (rng.chance(0.5) ? 1 : -1) * rng.uniform(25, 70);
    // Nearly upright sheets, thin from front to back.
    Mesh sheet = make_blob({0, 0, 0}, {rng.uniform(1, 4), rng.uniform(15, 45), rng.uniform(25, 90)},
                           0.15, 10, rng, rng.normal(0, 0.25));
    const double bend = rng.normal(0, 0.0015);
    for (cv::Vec3f& v : sheet.vertices) {
      v[0] += static_cast<float>(x + bend * v[2] * v[2]);
      v[1] += static_cast<float>(y);
      v[2] += static_cast<float>(z);
    }
    filler.add(Material::fat, sheet);
  }
}

/// Calcium: plaques of the aorta, rib cartilage, single stones.
void add_calcium(Filler& filler, const Patient& patient, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const double old = std::clamp((patient.age - 45) / 40, 0.0, 1.0);
  if (rng.chance(0.55 * old)) {
    const int plaques = rng.integer(4, 30);
    const double top = anatomy.frames[0].center[2], low = anatomy.frames[3].center[2] - 12;
    for (int i = 0; i < plaques; ++i) {
      const double z = rng.uniform(low, top);
      const double around = rng.uniform(0, 2 * kPi);
      const cv::Vec3d center(filler.trunk().spine_x(z) + 32 + 9 * std::cos(around),
                             6 + 9 * std::sin(around), z);
      filler.add(Material::cortical,
                 make_blob(center, {rng.uniform(0.4, 1.0), rng.uniform(1, 4), rng.uniform(2, 9)},
                           0.4, 5, rng));
    }
  }
  if (rng.chance(0.1 + 0.35 * old)) {
    const double z0 = anatomy.frames[0].center[2] + rng.uniform(0, 60);
    const double side = rng.chance(0.5) ? 1 : -1;
    const int rows = rng.integer(1, 3);
    for (int row = 0; row < rows; ++row) {
      const double slope = rng.uniform(-0.7, 0.9);
      for (int i = rng.integer(6, 22); i > 0; --i) {
        const double along = rng.uniform(-25, 25);
        const double z = z0 + 22 * row + slope * along + rng.normal(0, 3);
        const double r = rng.uniform(0.7, 2.6);
        filler.add(Material::cortical,
                   make_blob({filler.trunk().spine_x(z) + 85 + along, side * 85, z},
                             {r * rng.uniform(0.6, 2), r, r}, 0.5, 5, rng));
      }
    }
  }
  for (int i = rng.chance(0.2) ? rng.integer(1, 3) : 0; i > 0; --i) {
    const double z = rng.uniform(-10, anatomy.frames[0].center[2]), r = rng.uniform(1.5, 5);
    filler.add_blob(Material::cortical,
                    {filler.trunk().spine_x(z) + rng.uniform(35, 80), rng.normal(0, 50), z},
                    {r, r, r}, 0.4, 7);
  }
}

/// A raised arm across the upper front corner: muscle around one long bone.
void add_arm(Filler& filler, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const Trunk& trunk = filler.trunk();
  const double z = anatomy.frames[0].center[2] + rng.uniform(40, 110);
  const cv::Vec3d start(trunk.front_x(z) + rng.uniform(-30, 60), 0, z);
  const double angle = rng.uniform(0.2, 1.3);
  const cv::Vec3d end = start + 260 * cv::Vec3d(std::cos(angle) * 0.6 - 0.9, 0, std::sin(angle));
  const double y = (rng.chance(0.5) ? 1 : -1) * (trunk.half_width(z) + 60);
  const double flesh = rng.uniform(30, 48), bone = rng.uniform(9, 12);
  const auto rod = [&](double radius) {
    Tube form;
    form.nodes = {{start + cv::Vec3d(0, y, 0), radius, radius},
                  {end + cv::Vec3d(0, y, 0), radius, radius}};
    form.step_mm = 20;
    form.side = {0, 1, 0};
    return tube(form);
  };
  Mesh shaft = rod(bone), marrow = rod(0.55 * bone);
  for (auto& face : marrow.faces) std::swap(face[1], face[2]);
  append(shaft, marrow);
  filler.add(Material::soft, rod(flesh));
  filler.add(Material::cortical, shaft);
}

/// Buttons, hooks and clips on the clothes.
void add_belongings(Filler& filler, const Anatomy& anatomy) {
  Rng& rng = filler.rng();
  const Trunk& trunk = filler.trunk();
  const double low = -40, high = anatomy.frames[0].center[2] + 60;
  const double z0 = rng.uniform(low, high);
  const double size = rng.uniform(1.5, 7);
  for (int i = rng.integer(1, 5); i > 0; --i) {
    const double z = z0 + rng.normal(0, 25);
    const double front = trunk.front_x(z), back = trunk.back_x(z);
    const cv::Vec3d at(rng.uniform(back, front), trunk.half_width(z) + 5, z);
    filler.add(Material::titanium,
               make_blob(at, {size * rng.uniform(0.3, 1.2), 0.6, size}, 0.1, 8, rng));
  }
}

}  // namespace

SoftTissue sample_soft_tissue(const Patient& patient, const Anatomy& anatomy, Rng rng) {
  Rng trunk_rng = rng.split("trunk");
  const Trunk trunk = sample_trunk(patient, anatomy, trunk_rng);
  SoftTissue soft;
  soft.envelope = trunk_surface(trunk, 0, 0);
  Mesh fat = trunk_surface(trunk, 2, 0);
  Mesh fascia = trunk_surface(trunk, 2, 1);
  for (auto& face : fascia.faces) std::swap(face[1], face[2]);
  append(fat, fascia);
  soft.parts.push_back({std::move(fat), Material::fat});

  Filler lungs(trunk, soft, rng.split("lungs"));
  add_lungs(lungs, anatomy);
  Filler bowel(trunk, soft, rng.split("bowel"));
  add_bowel(bowel, anatomy);
  Filler inner_fat(trunk, soft, rng.split("fat"));
  add_inner_fat(inner_fat, patient, anatomy);
  add_fat_planes(inner_fat, anatomy);
  Filler calcium(trunk, soft, rng.split("calcium"));
  add_calcium(calcium, patient, anatomy);
  Filler extras(trunk, soft, rng.split("extras"));
  if (extras.rng().chance(0.04)) add_arm(extras, anatomy);
  if (extras.rng().chance(0.05)) add_belongings(extras, anatomy);
  return soft;
}

}  // namespace spine::sim
