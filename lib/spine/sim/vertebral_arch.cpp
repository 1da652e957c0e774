#include "spine/sim/vertebral_arch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

/// Dimensions of one level's posterior elements in a mean adult, mm.
struct ArchDimensions {
  double pedicle_y;            ///< axis of the pedicle to the mid-sagittal plane
  double pedicle_half_width;   ///< transverse
  double pedicle_half_height;  ///< craniocaudal
  double spinous_length;       ///< from the laminae's junction to the tip, along x
  double spinous_drop;         ///< of the tip, caudal, before the extra tenth at the very end
  double spinous_half_height;
  double transverse_length;  ///< from the pedicle's axis to the tip, along y
};

// As Patient::levels. There is no published source: the values, like the offsets of the parts
// below, were chosen by eye so that projected arches look like those of lateral radiographs.
constexpr std::array<ArchDimensions, kLevelCount> kDimensions{{
    {13.5, 3.9, 7.4, 30, 5, 10, 24},    // L1
    {14.0, 4.1, 7.2, 32, 5, 11, 28},    // L2
    {14.5, 4.8, 7.0, 33, 5, 11, 32},    // L3
    {16.5, 6.0, 6.8, 30, 6, 10, 28},    // L4
    {20.0, 8.0, 6.6, 24, 7, 7.5, 26},   // L5
    {12.5, 3.7, 7.8, 27, 10, 8.5, 12},  // T12
    {11.5, 3.8, 7.8, 26, 16, 7, 15},    // T11
    {10.5, 3.2, 6.8, 27, 20, 6, 20},    // T10
}};

/// One side of an arch: its own random numbers and where its pedicle lies.
struct ArchSide {
  double left = 1;  ///< 1 left, -1 right
  Rng rng;
  double pedicle_y = 0, pedicle_z = 0;  ///< mm; y unsigned
  double facet_y = 0;                   ///< of the superior articular process, unsigned, mm

  /// A random offset, mm; 0 on average.
  double vary(double sd_mm) { return rng.normal_within(0, sd_mm, -2 * sd_mm, 2 * sd_mm); }
  /// A point with y to this side.
  [[nodiscard]] cv::Vec3d point(double x, double y, double z) const { return {x, left * y, z}; }
};

/// Builds the parts of one arch as tubes. Lengths are mm of the mean adult times `size_`.
class ArchBuilder {
 public:
  ArchBuilder(Bone& bone, const ArchForm& form, Rng rng)
      : bone_(bone),
        form_(form),
        rng_(rng),
        mean_(kDimensions[static_cast<std::size_t>(form.level)]),
        thoracic_(static_cast<std::size_t>(form.level) >= kLumbarCount),
        size_(form.size),
        wall_x_(form.post_x),
        height_(form.sup_z - form.inf_z),
        middle_z_(0.5 * (form.sup_z + form.inf_z)),
        pedicle_z_(middle_z_ + 0.2 * height_ + rng_.normal(0, 0.5)),
        pedicle_half_height_(std::min(mean_.pedicle_half_height * size_, 0.3 * height_)),
        setback_(rng_.normal_within(1.6, 1.0, -0.5, 4)) {}

  void build(VertebraFrame& frame) {
    frame.pedicle_height_mm = 2 * pedicle_half_height_;
    frame.pedicle_width_mm = 2 * mean_.pedicle_half_width * size_;
    for (std::size_t i = 0; i < 2; ++i) {
      ArchSide side = sample_side(i);
      frame.pedicle_center[i] = side.point(wall_x_ - 4.5 * size_, side.pedicle_y, side.pedicle_z);
      add_pedicle(side);
      add_articular_processes(side);
      add_lamina(side);
      add_transverse_process(side);
    }
    add_spinous_process();
  }

 private:
  [[nodiscard]] ArchSide sample_side(std::size_t i) const {
    ArchSide side{i == 0 ? 1.0 : -1.0, rng_.split("side", static_cast<std::uint64_t>(i))};
    side.pedicle_y = mean_.pedicle_y * size_ + side.vary(0.5);
    side.pedicle_z = pedicle_z_ + side.vary(0.4);
    side.facet_y = side.pedicle_y + (thoracic_ ? 0.5 : 2.5) * size_;
    return side;
  }

  /// A point relative to the superior endplate of the vertebra below.
  [[nodiscard]] cv::Vec3d in_below(double dx, double y, double dz) const {
    const NeighbourBelow& below = form_.below;
    cv::Vec3d p = below.sup_post + dx * below.anterior + dz * below.up;
    p[1] = y;
    return p;
  }

  void add_pedicle(const ArchSide& side) {
    const double k = size_, x = wall_x_, y = side.pedicle_y, z = side.pedicle_z;
    const double half_width = mean_.pedicle_half_width, half_height = pedicle_half_height_;
    Tube pedicle;
    pedicle.nodes = {
        {side.point(x + 2.2, y - 0.5, z), half_width * k, half_height},
        {side.point(x - 4.5 * k, y, z - 0.3), 0.92 * half_width * k, 0.9 * half_height},
        {side.point(x - 10 * k - setback_, y + 0.8, z - 0.2), half_width * k, 0.95 * half_height}};
    pedicle.round_start = pedicle.round_end = false;
    pedicle.exponent = 2.3;
    add_tube(bone_, pedicle, form_.cortex_mm);
  }

  /// Superior process, isthmus and inferior process in one run; the inferior one ends behind the
  /// superior process of the vertebra below.
  void add_articular_processes(ArchSide& side) {
    const double k = size_, x = wall_x_, y = side.pedicle_y;
    const double joint_y = side.left * (side.facet_y - (thoracic_ ? 1 : 3) * k);
    const double stout = side.rng.normal_within(1, 0.1, 0.8, 1.3) * (1 + 0.3 * form_.arthrosis);
    const double tip_z = form_.sup_z + (thoracic_ ? 3 : 6) * k;
    const double sup_shift_z = side.vary(1), sup_shift_x = side.vary(0.5);
    const double inf_shift_z = side.vary(1.2), inf_shift_x = side.vary(0.5);
    Tube pillar;
    pillar.nodes = {
        {side.point(x - 11.3 * k - setback_ + sup_shift_x, side.facet_y + 0.5, tip_z + sup_shift_z),
         3.8 * k, 2.8 * k},
        {side.point(x - 12.2 * k - setback_, side.facet_y, form_.sup_z - 1), 5.4 * k * stout,
         4.3 * k * stout},
        {side.point(x - 13.6 * k - setback_, y + 0.8, pedicle_z_ - 4), 5.4 * k, 4.8 * k},
        {side.point(x - 17.0 * k - setback_, y - 1, middle_z_ - 0.24 * height_), 4.8 * k, 3.6 * k},
        {in_below(-21.0 * k - setback_, joint_y, 6), 6.0 * k, 4.6 * k * stout},
        {in_below(-20.6 * k - setback_, joint_y, -1), 5.6 * k * stout, 4.4 * k * stout},
        {in_below(-20.0 * k - setback_ + inf_shift_x, joint_y, -9 * k + inf_shift_z), 4.0 * k,
         2.8 * k}};
    pillar.exponent = 2.4;
    pillar.segments = 18;
    add_tube(bone_, pillar, 1.5 * form_.cortex_mm * (1 + 0.5 * form_.arthrosis));
  }

  /// A plate that slopes backward and downward; the lateral view shows it nearly on edge.
  void add_lamina(ArchSide& side) {
    const double k = size_, x = wall_x_, y = side.pedicle_y;
    const double lean = side.rng.normal_within(0.42, 0.06, 0.3, 0.55);
    Tube lamina;
    lamina.side = {-lean, 0, -std::sqrt(1 - lean * lean)};
    lamina.nodes = {{side.point(x - 17.5 * k - setback_, y - 3, middle_z_ - 0.20 * height_),
                     0.30 * height_, 3.2 * k},
                    {side.point(x - 20.5 * k - setback_, 0.5 * y, middle_z_ - 0.28 * height_),
                     0.37 * height_, 3.2 * k},
                    {side.point(x - 24.5 * k - setback_, 0.8, middle_z_ - 0.34 * height_),
                     0.38 * height_, 3.0 * k}};
    lamina.round_start = lamina.round_end = false;
    lamina.exponent = 3;
    lamina.segments = 20;
    add_tube(bone_, lamina, 1.5 * form_.cortex_mm);
  }

  void add_transverse_process(ArchSide& side) {
    const double k = size_, x = wall_x_, y = side.pedicle_y, z = side.pedicle_z;
    const double reach = mean_.transverse_length * k * side.rng.normal_within(1, 0.12, 0.7, 1.3);
    const double lift = side.rng.normal(thoracic_ ? 1 : 0, 2.5);
    Tube transverse;
    transverse.nodes = {
        {side.point(x - 9 * k, y + 2.5, z - 1), 4.2 * k, 5.5 * k},
        {side.point(x - 12 * k, y + 0.4 * reach, z + 0.3 * lift), 2.6 * k, 4.6 * k},
        {side.point(x - 15 * k - 0.1 * reach, y + reach, z + lift), 2.2 * k, 4.0 * k}};
    transverse.side = {1, 0, 0};
    transverse.round_start = false;
    add_tube(bone_, transverse, 0.8 * form_.cortex_mm);
  }

  void add_spinous_process() {
    const double k = size_, x = wall_x_ - 25 * k - setback_;
    const double length = mean_.spinous_length * k * rng_.normal_within(1, 0.08, 0.8, 1.2);
    const double drop = mean_.spinous_drop * k + rng_.normal(0, 1.5);
    const double half = std::min(
        mean_.spinous_half_height * k * rng_.normal_within(1, 0.1, 0.75, 1.25), 0.46 * height_);
    const double z = middle_z_ - 0.30 * height_, bend = rng_.normal(0, 1.5);
    Tube spinous;
    spinous.side = {0, 1, 0};
    spinous.exponent = 2.8;
    spinous.segments = 24;
    spinous.nodes = {{{x, 0, z}, 3.0 * k, 0.30 * height_},
                     {{x - 0.4 * length, 0.3 * bend, z - 0.45 * drop}, 2.3 * k, 0.85 * half},
                     {{x - 0.8 * length, bend, z - 0.9 * drop}, 2.8 * k, half},
                     {{x - length, bend, z - 1.1 * drop}, 3.6 * k, 0.8 * half}};
    spinous.round_start = false;
    add_tube(bone_, spinous, 1.0 * form_.cortex_mm);
  }

  Bone& bone_;
  const ArchForm& form_;
  Rng rng_;
  const ArchDimensions& mean_;
  bool thoracic_;
  double size_;                 ///< relative to the mean adult
  double wall_x_;               ///< posterior wall of the body, mm
  double height_, middle_z_;    ///< of the posterior wall, mm
  double pedicle_z_;            ///< mean of both sides, mm
  double pedicle_half_height_;  ///< mm
  double setback_;              ///< how far the arch stands off posteriorly, mm
};

}  // namespace

void add_arch(Bone& bone, VertebraFrame& frame, const ArchForm& form, Rng rng) {
  ArchBuilder(bone, form, rng).build(frame);
}

}  // namespace spine::sim
