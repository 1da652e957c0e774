#include <cmath>

#include "support/catch.h"

#include "spine/core/geometry.h"
#include "spine/sim/patient.h"

using namespace spine;
using namespace spine::sim;
using Catch::Matchers::WithinAbs;

namespace {

constexpr double kTolerance = 1e-6;

/// Sagittal projection: x anterior, y up.
cv::Point2d sagittal(const cv::Vec3d& p) { return {p[0], p[2]}; }
double length(const cv::Vec3d& a, const cv::Vec3d& b) {
  return cv::norm(sagittal(a) - sagittal(b));
}
/// From the first endplate to the second, lordosis positive (stages/README.md).
double lordosis_deg(const cv::Vec3d& upper_post, const cv::Vec3d& upper_ant,
                    const cv::Vec3d& lower_post, const cv::Vec3d& lower_ant) {
  return angle_between_deg(sagittal(lower_ant) - sagittal(lower_post),
                           sagittal(upper_ant) - sagittal(upper_post));
}

template <typename Check>
void for_patients(Check check) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const Patient patient = sample_patient(Rng(9).split("patient", i), {1.5});
    check(patient, pose_spine(patient));
  }
}

/// Level i's lower neighbour's superior endplate: post, ant.
std::pair<cv::Vec3d, cv::Vec3d> plate_below(const SpinePose& pose, std::size_t i) {
  if (i == 4) return {pose.s1_post, pose.s1_ant};
  const std::size_t below = i < 4 ? i + 1 : (i == 5 ? 0 : i - 1);
  return {pose.levels[below].corners.sup_post, pose.levels[below].corners.sup_ant};
}

}  // namespace

TEST_CASE("posed landmarks have the patient's PI, PT, SS and LL") {
  for_patients([](const Patient& patient, const SpinePose& pose) {
    const cv::Point2d p = sagittal(pose.s1_post), a = sagittal(pose.s1_ant), m = 0.5 * (p + a);
    const cv::Point2d h = 0.5 * (sagittal(pose.heads[0].center) + sagittal(pose.heads[1].center));
    CHECK_THAT(deg_from_rad(std::atan2(p.y - a.y, a.x - p.x)), WithinAbs(patient.ss, kTolerance));
    CHECK_THAT(deg_from_rad(std::atan2(h.x - m.x, m.y - h.y)), WithinAbs(patient.pt, kTolerance));
    // PI on its own: from the endplate's downward normal to the line to the hip axis.
    const cv::Point2d down(a.y - p.y, p.x - a.x);
    CHECK_THAT(angle_between_deg(down, h - m), WithinAbs(patient.pi, kTolerance));
    const VertebraTruth& l1 = pose.levels[0].corners;
    CHECK_THAT(lordosis_deg(l1.sup_post, l1.sup_ant, pose.s1_post, pose.s1_ant),
               WithinAbs(patient.ll, kTolerance));
    CHECK_THAT(cv::norm(m - h), WithinAbs(patient.pelvic_radius, kTolerance));
    CHECK_THAT(cv::norm(a - p), WithinAbs(patient.s1_depth, kTolerance));
  });
}

TEST_CASE("posed corners have the patient's distances, disc angles, heights and slips") {
  for_patients([](const Patient& patient, const SpinePose& pose) {
    for (std::size_t i = 0; i < kLevelCount; ++i) {
      const LevelShape& s = patient.levels[i];
      const VertebraTruth& c = pose.levels[i].corners;
      CHECK_THAT(length(c.sup_post, c.sup_ant), WithinAbs(s.depth_sup, kTolerance));
      CHECK_THAT(length(c.inf_post, c.inf_ant), WithinAbs(s.depth_inf, kTolerance));
      CHECK_THAT(length(c.sup_ant, c.inf_ant), WithinAbs(s.height_ant, kTolerance));
      CHECK_THAT(length(c.sup_post, c.inf_post), WithinAbs(s.height_post, kTolerance));
      const auto [post, ant] = plate_below(pose, i);
      CHECK_THAT(lordosis_deg(c.inf_post, c.inf_ant, post, ant),
                 WithinAbs(s.disc_angle, kTolerance));
      const cv::Point2d e = sagittal(ant) - sagittal(post);
      const cv::Point2d unit = e / cv::norm(e);
      CHECK_THAT(unit.dot(sagittal(c.inf_post) - sagittal(post)), WithinAbs(s.slip, kTolerance));
      const double half = rad_from_deg(s.disc_angle / 2);
      const cv::Point2d normal(-unit.y, unit.x);
      const cv::Point2d bisector = std::cos(half) * normal - std::sin(half) * unit;
      const cv::Point2d across =
          0.5 * (sagittal(c.inf_post) + sagittal(c.inf_ant) - sagittal(post) - sagittal(ant));
      CHECK_THAT(bisector.dot(across), WithinAbs(s.disc_height, kTolerance));
    }
  });
}

TEST_CASE("every level's axes are right-handed and its corners lie in its own sagittal plane") {
  for_patients([](const Patient&, const SpinePose& pose) {
    for (const LevelPose& level : pose.levels) {
      CHECK_THAT(cv::determinant(level.axes), WithinAbs(1, 1e-9));
      CHECK(cv::norm(level.axes * level.axes.t() - cv::Matx33d::eye()) < 1e-9);
      const cv::Vec3d left(level.axes(0, 1), level.axes(1, 1), level.axes(2, 1));
      for (const cv::Vec3d& c : {level.corners.sup_post, level.corners.sup_ant,
                                 level.corners.inf_post, level.corners.inf_ant}) {
        CHECK(std::abs(left.dot(c - level.center)) < 1e-9);
      }
    }
    CHECK_THAT(cv::determinant(pose.sacrum_axes), WithinAbs(1, 1e-9));
  });
}

TEST_CASE("scoliosis moves levels sideways and turns them") {
  Patient patient = sample_patient(Rng(3));
  for (LevelShape& s : patient.levels) s.lateral_tilt = s.axial_rotation = 0;
  const SpinePose straight = pose_spine(patient);
  for (const LevelPose& level : straight.levels) CHECK(std::abs(level.center[1]) < 1e-12);
  patient.levels[2].lateral_tilt = 10;
  patient.levels[2].axial_rotation = 12;
  const SpinePose bent = pose_spine(patient);
  CHECK(bent.levels[2].center[1] < -1);
  CHECK_THAT(std::acos(bent.levels[2].axes(1, 1)), WithinAbs(rad_from_deg(15.6), 0.01));
  CHECK(cv::norm(sagittal(bent.levels[0].center) - sagittal(straight.levels[0].center)) < 1e-9);
}
