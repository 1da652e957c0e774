#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/projector.h"

namespace spine::sim {

namespace {

/// A quantity along z: straight between knots, then smoothed.
class Profile {
 public:
  struct Knot {
    double z, value;
  };
  Profile(std::vector<Knot> knots, double smoothing_mm)
      : knots_(std::move(knots)), smoothing_mm_(smoothing_mm) {
    std::sort(knots_.begin(), knots_.end(), [](const Knot& a, const Knot& b) { return a.z < b.z; });
  }
  [[nodiscard]] double operator()(double z) const {
    double sum = 0, weights = 0;
    for (int i = -4; i <= 4; ++i) {
      const double offset = i * 0.6;
      const double weight = std::exp(-0.5 * offset * offset);
      sum += weight * straight(z + offset * smoothing_mm_);
      weights += weight;
    }
    return sum / weights;
  }

 private:
  [[nodiscard]] double straight(double z) const {
    if (z <= knots_.front().z) return knots_.front().value;
    for (std::size_t i = 1; i < knots_.size(); ++i) {
      if (z > knots_[i].z) continue;
      const Knot &a = knots_[i - 1], &b = knots_[i];
      return a.value + (b.value - a.value) * (z - a.z) / std::max(b.z - a.z, 1e-9);
    }
    return knots_.back().value;
  }
  std::vector<Knot> knots_;
  double smoothing_mm_;
};

/// A roughly horizontal skin fold around back and flanks.
struct Fold {
  double z, slope, depth_mm, half_height_mm;
};

/// The trunk as level sections. Knots are placed at the patient's own heights.
struct Trunk {
  Profile spine_x;                      ///< middle of the vertebral bodies
  Profile front_x, back_x, half_width;  ///< of the skin
  Profile fat_front, fat_back, fat_side;
  std::vector<Fold> folds;
  double bottom_z, top_z;
};

Profile spine_line(const Anatomy& anatomy) {
  std::vector<Profile::Knot> knots;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    knots.push_back({anatomy.frames[i].center[2], anatomy.frames[i].center[0]});
  }
  knots.push_back({anatomy.thorax_top[2], anatomy.thorax_top[0]});
  return {knots, 8};
}

/// x of the hindmost point of the spine or the sacrum near a height; large where there is none.
double hindmost_bone(const Anatomy& anatomy, double z) {
  constexpr double kReach = 35;
  double hindmost = 1e9;
  for (const Bone& bone : anatomy.bones) {
    const bool spinal = bone.name == "sacrum" || bone.name[0] == 'L' || bone.name[0] == 'T';
    if (!spinal) continue;
    for (const cv::Vec3f& v : bone.outer.vertices) {
      if (std::abs(v[2] - z) < kReach) hindmost = std::min(hindmost, static_cast<double>(v[0]));
    }
  }
  return hindmost;
}

Trunk sample_trunk(const Patient& patient, const Anatomy& anatomy, Rng& rng) {
  const Profile spine = spine_line(anatomy);
  const bool female = patient.female;
  const double bmi = std::clamp(patient.body_mass_index, 16.0, 45.0);
  const double more = bmi - 23, hips = female ? 1.06 : 0.97;
  const double size = patient.levels[2].depth_sup / 35;
  const double l4 = anatomy.frames[3].center[2], l2 = anatomy.frames[1].center[2];
  const double s1 = anatomy.frames[5].center[2], t10 = anatomy.thorax_top[2];
  const auto about = [&](double mean, double sd) {
    return size * rng.normal_within(mean, sd, mean - 2 * sd, mean + 2 * sd);
  };

  // The trunk's skin follows the spine loosely: lordosis makes the hollow of the back.
  const double lumbar_x = (spine(l4) + spine(l2)) / 2;
  const double belly = about(112, 12) + 7.2 * std::max(more, -4.0) * rng.uniform(0.75, 1.3);
  const double belly_z = rng.uniform(l4 - 40, l2);
  const double back = about(74, 5) + 2.0 * more;
  const double seat = about(122, 9) * hips + 3.2 * more;
  const double breast =
      female && rng.chance(0.6) ? rng.uniform(15, 55) + 2 * std::max(0.0, more) : 0;
  const std::vector<Profile::Knot> front{
      {-260, about(82, 8) + 1.5 * more},
      {-60, about(88, 8) + 2 * more},
      {10, about(98, 8) + 3 * more},
      {s1, 0.35 * lumbar_x + about(102, 8) + 5 * more},
      {belly_z, lumbar_x + belly},
      {t10 - 40, spine(t10) + about(122, 10) + 4 * more},
      {t10 + 30, spine(t10) + about(128, 10) + 3.5 * more + breast},
      {t10 + 160, spine(t10) + about(120, 10) + 3 * more}};
  const std::vector<Profile::Knot> rear{
      {-260, -about(62, 8) - 1.2 * more},
      {-105, -about(74, 6) - 1.6 * more},
      {-45, -seat * 0.97},
      {15, -seat},
      {s1 - 20, std::min(anatomy.s1_post[0] - about(58, 6), -60.0) - 2.8 * more},
      {l4, spine(l4) - back - about(4, 4)},
      {l2, spine(l2) - back + about(3, 4)},
      {t10, spine(t10) - about(68, 5) - 1.5 * more},
      {t10 + 160, spine(t10) - about(80, 6) - 1.5 * more}};
  // The skin keeps off the spinous processes and the sacrum.
  const double cover = about(16, 4) + 1.4 * std::max(more, -4.0);
  const Profile loose(rear, 22);
  std::vector<Profile::Knot> covered;
  for (double z = -260; z < t10 + 160; z += 20) {
    covered.push_back({z, std::min(loose(z), hindmost_bone(anatomy, z) - cover)});
  }
  const std::vector<Profile::Knot> width{{-260, about(150, 8) * hips + 3.5 * more},
                                         {-20, about(168, 8) * hips + 4.2 * more},
                                         {s1 - 10, about(150, 8) * hips + 5.0 * more},
                                         {(l4 + l2) / 2, about(female ? 128 : 138, 9) + 5.6 * more},
                                         {t10 - 20, about(female ? 132 : 144, 8) + 4.0 * more},
                                         {t10 + 160, about(female ? 140 : 155, 8) + 3.5 * more}};

  const double fat = std::max(3.0, (female ? 9 : 6) + 1.1 * (bmi - 21)) * rng.uniform(0.7, 1.4);
  Trunk trunk{
      spine,
      {front, 26},
      {rear, 22},
      {width, 30},
      {{{0, fat * 0.9}, {belly_z, fat * 1.4}, {t10, fat * 0.8}}, 30},
      {{{-100, fat * 1.1}, {0, fat * 1.8}, {s1, fat * 1.4}, {l4, fat}, {t10, fat * 0.6}}, 25},
      {{{-100, fat * 1.6}, {s1, fat * 1.8}, {l4, fat * 1.3}, {t10, fat * 0.8}}, 30},
      {},
      -260,
      t10 + 160};
  const int folds = rng.chance(0.55) ? rng.integer(1, bmi > 27 ? 3 : 2) : 0;
  for (int i = 0; i < folds; ++i) {
    trunk.folds.push_back({rng.uniform(s1 + 15, l2 + 20), rng.normal(0, 0.06),
                           rng.uniform(2, 8) + 0.4 * std::max(0.0, more), rng.uniform(1.2, 4.5)});
  }
  return trunk;
}

/// One level section of a surface `inset` inside the skin.
struct Section {
  double front, back, half_width;
};

std::vector<cv::Vec3d> section_ring(const Section& section, double z, const Trunk& trunk,
                                    bool with_folds) {
  constexpr int kPoints = 72;
  std::vector<cv::Vec3d> ring;
  ring.reserve(kPoints);
  const double middle = (section.front + section.back) / 2;
  const double half_depth = (section.front - section.back) / 2;
  for (int i = 0; i < kPoints; ++i) {
    const double angle = 2 * kPi * i / kPoints, c = std::cos(angle), s = std::sin(angle);
    // Rounder in front than at the back, where the trunk is flat.
    const double power = 2 / (c > 0 ? 2.2 : 2.7);
    double x = half_depth * std::copysign(std::pow(std::abs(c), power), c);
    double y = section.half_width * std::copysign(std::pow(std::abs(s), power), s);
    if (with_folds) {
      for (const Fold& fold : trunk.folds) {
        const double off = (z - fold.z - fold.slope * x) / fold.half_height_mm;
        // Deep at the flanks and the back, none on the belly.
        const double share = c > 0 ? 1 - c : 1.0;
        const double radius = std::hypot(x, y);
        // A narrow notch between two soft bulges.
        const double wide = off * fold.half_height_mm / 16;
        const double dent = std::exp(-0.5 * off * off) - 0.55 * std::exp(-0.5 * wide * wide);
        const double factor = 1 - fold.depth_mm * share * dent / radius;
        x *= factor;
        y *= factor;
      }
    }
    ring.emplace_back(middle + x, y, z);
  }
  return ring;
}

std::vector<double> section_heights(const Trunk& trunk) {
  std::vector<double> heights;
  for (double z = trunk.bottom_z; z <= trunk.top_z; z += 9) heights.push_back(z);
  for (const Fold& fold : trunk.folds) {
    const double reach = 4 * fold.half_height_mm + 150 * std::abs(fold.slope);
    for (double z = fold.z - reach; z <= fold.z + reach; z += 0.7 * fold.half_height_mm) {
      heights.push_back(z);
    }
  }
  std::sort(heights.begin(), heights.end());
  heights.erase(
      std::unique(heights.begin(), heights.end(), [](double a, double b) { return b - a < 0.3; }),
      heights.end());
  return heights;
}

/// The skin (depth 0), or a surface under it: `skin_mm` deep plus `fat` times the fat layer.
Mesh trunk_surface(const Trunk& trunk, double skin_mm, double fat) {
  std::vector<std::vector<cv::Vec3d>> rings;
  for (const double z : section_heights(trunk)) {
    const Section section{trunk.front_x(z) - skin_mm - fat * trunk.fat_front(z),
                          trunk.back_x(z) + skin_mm + fat * trunk.fat_back(z),
                          trunk.half_width(z) - skin_mm - fat * trunk.fat_side(z)};
    rings.push_back(section_ring(section, z, trunk, fat == 0));
  }
  // Inner surfaces end a little inside the outer ones.
  if (skin_mm > 0 || fat > 0) {
    for (cv::Vec3d& p : rings.front()) p[2] += 2 + 8 * fat;
    for (cv::Vec3d& p : rings.back()) p[2] -= 2 + 8 * fat;
  }
  return loft(rings);
}

/// A lumpy ellipsoid.
Mesh make_blob(const cv::Vec3d& center, const cv::Vec3d& radii_mm, double lumpiness, int rings,
               Rng& rng, std::optional<double> turn_rad = {}) {
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

/// Adds parts to a soft tissue; blobs of one material go into one mesh.
class Filler {
 public:
  Filler(const Trunk& trunk, SoftTissue& soft, Rng rng) : trunk_(trunk), soft_(soft), rng_(rng) {}

  Rng& rng() { return rng_; }
  [[nodiscard]] const Trunk& trunk() const { return trunk_; }

  void add(Material material, const Mesh& mesh) {
    for (SoftTissue::Part& part : soft_.parts) {
      if (part.material == material && part.mesh.faces.size() < 4000) {
        append(part.mesh, mesh);
        return;
      }
    }
    soft_.parts.push_back({mesh, material});
  }

  /// A blob that is moved inside the trunk where it sticks out.
  void add_blob(Material material, cv::Vec3d center, const cv::Vec3d& radii, double lumpiness,
                int rings) {
    const double reach = std::max({radii[0], radii[1], radii[2]}) + 6;
    const double z = center[2];
    const double side = trunk_.half_width(z) - trunk_.fat_side(z) - reach;
    center[1] = std::clamp(center[1], -std::max(side, 1.0), std::max(side, 1.0));
    // Sections narrow towards front and back.
    const double half = (trunk_.front_x(z) - trunk_.back_x(z)) / 2;
    const double middle = (trunk_.front_x(z) + trunk_.back_x(z)) / 2;
    const double t = std::min(0.95, std::abs(center[1]) / std::max(trunk_.half_width(z), 1.0));
    const double room = half * std::sqrt(1 - t * t) - trunk_.fat_front(z) - reach;
    center[0] = std::min(center[0], middle + std::max(room, 0.0));
    add(material, make_blob(center, radii, lumpiness, rings, rng_));
  }

 private:
  const Trunk& trunk_;
  SoftTissue& soft_;
  Rng rng_;
};

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
