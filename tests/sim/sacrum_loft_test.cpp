#include "spine/sim/sacrum_loft.h"

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;

TEST_CASE("the lofted sacrum is closed and starts at the S1 endplate") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    const Patient patient = sample_patient(Rng(seed));
    const SpinePose pose = pose_spine(patient);
    const auto sacrum = loft_sacrum(patient, pose, Rng(seed));
    CAPTURE(seed);
    CHECK(is_closed(sacrum.outer));
    CHECK(is_closed(sacrum.inner));
    CHECK(is_closed(sacrum.bodies));
    CHECK(is_closed(sacrum.coccyx));
    CHECK(signed_volume(sacrum.bodies) > 0);
    CHECK(signed_volume(sacrum.outer) > signed_volume(sacrum.bodies));
    CHECK(signed_volume(sacrum.inner) > 0);
    CHECK(signed_volume(sacrum.inner) < signed_volume(sacrum.outer));

    std::vector<cv::Vec2d> outline;
    for (const auto& v : sacrum.bodies.vertices) outline.emplace_back(v[0], v[2]);
    CHECK(test::distance_to_hull(outline, {pose.s1_post[0], pose.s1_post[2]}) < 0.4);
    CHECK(test::distance_to_hull(outline, {pose.s1_ant[0], pose.s1_ant[2]}) < 0.4);
  }
}

TEST_CASE("the sacrum has the patient's length and bends forwards by its kyphosis") {
  Patient patient = sample_patient(Rng(4));
  patient.sacrum_length = 100;
  const SpinePose pose = pose_spine(patient);
  const cv::Vec3d start = (pose.s1_post + pose.s1_ant) * 0.5;
  const cv::Vec3d along(pose.sacrum_axes(0, 0), pose.sacrum_axes(1, 0), pose.sacrum_axes(2, 0));
  patient.sacral_kyphosis = 1;
  const auto straight = loft_sacrum(patient, pose, Rng(1));
  CHECK(cv::norm(straight.end - start) == Approx(100).margin(0.5));
  patient.sacral_kyphosis = 70;
  const auto bent = loft_sacrum(patient, pose, Rng(1));
  CHECK(cv::norm(bent.end - start) < 98);
  CHECK((bent.end - straight.end).dot(along) > 20);
}
