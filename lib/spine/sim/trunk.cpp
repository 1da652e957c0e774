#include "spine/sim/trunk.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

HeightProfile spine_line(const Anatomy& anatomy) {
  std::vector<HeightProfile::Knot> knots;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    knots.push_back({anatomy.frames[i].center[2], anatomy.frames[i].center[0]});
  }
  knots.push_back({anatomy.thorax_top[2], anatomy.thorax_top[0]});
  return {knots, 8};
}

/// Draws a trunk. Lengths were chosen by eye against lateral radiographs: no source. Each is that
/// of a body mass index of 23 kg/m², plus so many mm for every unit more.
class TrunkSampler {
 public:
  using Knots = std::vector<HeightProfile::Knot>;

  TrunkSampler(const Patient& patient, const Anatomy& anatomy, Rng& rng)
      : anatomy_(anatomy),
        rng_(rng),
        spine_(spine_line(anatomy)),
        female_(patient.female),
        bmi_(std::clamp(patient.body_mass_index, 16.0, 45.0)),
        more_(bmi_ - 23),
        hips_(female_ ? 1.06 : 0.97),
        size_(patient.levels[2].depth_sup / 35),
        l4_(anatomy.frames[3].center[2]),
        l2_(anatomy.frames[1].center[2]),
        s1_(anatomy.frames[5].center[2]),
        t10_(anatomy.thorax_top[2]) {}

  Trunk sample() {
    sample_contour();
    const Knots front = front_skin();
    const Knots back = back_skin();
    about(16, 4);  // not used; drawn so that the numbers after it, and so a seed's trunk, stay
    const Knots width = half_widths();
    const double fat =
        std::max(3.0, (female_ ? 9 : 6) + 1.1 * (bmi_ - 21)) * rng_.uniform(0.7, 1.4);
    Trunk trunk{
        spine_,
        {front, 26},
        {back, 22},
        {width, 30},
        {{{0, fat * 0.9}, {belly_z_, fat * 1.4}, {t10_, fat * 0.8}}, 30},
        {{{-100, fat * 1.1}, {0, fat * 1.8}, {s1_, fat * 1.4}, {l4_, fat}, {t10_, fat * 0.6}}, 25},
        {{{-100, fat * 1.6}, {s1_, fat * 1.8}, {l4_, fat * 1.3}, {t10_, fat * 0.8}}, 30},
        folds(),
        kBottom,
        t10_ + kAboveT10};
    return trunk;
  }

 private:
  static constexpr double kBottom = -260, kAboveT10 = 160;  // the ends of the trunk along z

  /// A random length that grows with the patient, mm.
  double about(double mean, double sd) {
    return size_ * rng_.normal_within(mean, sd, mean - 2 * sd, mean + 2 * sd);
  }

  /// What front and back have in common: depths in front of and behind the spine.
  void sample_contour() {
    belly_ = about(112, 12) + 7.2 * std::max(more_, -4.0) * rng_.uniform(0.75, 1.3);
    belly_z_ = rng_.uniform(l4_ - 40, l2_);
    back_ = about(74, 5) + 2.0 * more_;
    seat_ = about(122, 9) * hips_ + 3.2 * more_;
    breast_ = female_ && rng_.chance(0.6) ? rng_.uniform(15, 55) + 2 * std::max(0.0, more_) : 0;
  }

  Knots front_skin() {
    const double lumbar_x = (spine_(l4_) + spine_(l2_)) / 2;
    return {{kBottom, about(82, 8) + 1.5 * more_},
            {-60, about(88, 8) + 2 * more_},
            {10, about(98, 8) + 3 * more_},
            {s1_, 0.35 * lumbar_x + about(102, 8) + 5 * more_},
            {belly_z_, lumbar_x + belly_},
            {t10_ - 40, spine_(t10_) + about(122, 10) + 4 * more_},
            {t10_ + 30, spine_(t10_) + about(128, 10) + 3.5 * more_ + breast_},
            {t10_ + kAboveT10, spine_(t10_) + about(120, 10) + 3 * more_}};
  }

  /// Follows the spine loosely: lordosis makes the hollow of the back.
  Knots back_skin() {
    return {{kBottom, -about(62, 8) - 1.2 * more_},
            {-105, -about(74, 6) - 1.6 * more_},
            {-45, -seat_ * 0.97},
            {15, -seat_},
            {s1_ - 20, std::min(anatomy_.s1_post[0] - about(58, 6), -60.0) - 2.8 * more_},
            {l4_, spine_(l4_) - back_ - about(4, 4)},
            {l2_, spine_(l2_) - back_ + about(3, 4)},
            {t10_, spine_(t10_) - about(68, 5) - 1.5 * more_},
            {t10_ + kAboveT10, spine_(t10_) - about(80, 6) - 1.5 * more_}};
  }

  Knots half_widths() {
    return {{kBottom, about(150, 8) * hips_ + 3.5 * more_},
            {-20, about(168, 8) * hips_ + 4.2 * more_},
            {s1_ - 10, about(150, 8) * hips_ + 5.0 * more_},
            {(l4_ + l2_) / 2, about(female_ ? 128 : 138, 9) + 5.6 * more_},
            {t10_ - 20, about(female_ ? 132 : 144, 8) + 4.0 * more_},
            {t10_ + kAboveT10, about(female_ ? 140 : 155, 8) + 3.5 * more_}};
  }

  std::vector<Fold> folds() {
    std::vector<Fold> folds;
    const int count = rng_.chance(0.55) ? rng_.integer(1, bmi_ > 27 ? 3 : 2) : 0;
    for (int i = 0; i < count; ++i) {
      folds.push_back({rng_.uniform(s1_ + 15, l2_ + 20), rng_.normal(0, 0.06),
                       rng_.uniform(2, 8) + 0.4 * std::max(0.0, more_), rng_.uniform(1.2, 4.5)});
    }
    return folds;
  }

  const Anatomy& anatomy_;
  Rng& rng_;
  HeightProfile spine_;  ///< x of the vertebral bodies
  bool female_;
  double bmi_, more_;               ///< body mass index, kg/m², and its excess over 23
  double hips_, size_;              ///< relative breadth of the hips, and size of the patient
  double l4_, l2_, s1_, t10_;       ///< z of the vertebrae
  double belly_ = 0, belly_z_ = 0;  ///< depth before the spine, and where it is greatest
  double back_ = 0, seat_ = 0, breast_ = 0;
};

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

}  // namespace

HeightProfile::HeightProfile(std::vector<Knot> knots, double smoothing_mm)
    : knots_(std::move(knots)), smoothing_mm_(smoothing_mm) {
  std::sort(knots_.begin(), knots_.end(), [](const Knot& a, const Knot& b) { return a.z < b.z; });
}

double HeightProfile::operator()(double z) const {
  double sum = 0, weights = 0;
  for (int i = -4; i <= 4; ++i) {
    const double offset = i * 0.6;
    const double weight = std::exp(-0.5 * offset * offset);
    sum += weight * straight(z + offset * smoothing_mm_);
    weights += weight;
  }
  return sum / weights;
}

double HeightProfile::straight(double z) const {
  if (z <= knots_.front().z) return knots_.front().value;
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    if (z > knots_[i].z) continue;
    const Knot &a = knots_[i - 1], &b = knots_[i];
    return a.value + (b.value - a.value) * (z - a.z) / std::max(b.z - a.z, 1e-9);
  }
  return knots_.back().value;
}

Trunk sample_trunk(const Patient& patient, const Anatomy& anatomy, Rng& rng) {
  return TrunkSampler(patient, anatomy, rng).sample();
}

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

}  // namespace spine::sim
