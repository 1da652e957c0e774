#include "spine/sim/spinal_hardware.h"

#include "mesh_fixtures.h"
#include "support/catch.h"

#include "spine/core/geometry.h"

using namespace spine;
using namespace spine::sim;

namespace {

double distance_to_axis(const cv::Vec3d& p, const cv::Vec3d& from, const cv::Vec3d& axis) {
  const cv::Vec3d d = p - from;
  return cv::norm(d - axis * d.dot(axis));
}

DiscSpace disc() {
  DiscSpace space;
  space.lower_post = {-17, 0, 0};
  space.lower_ant = {17, 0, -2};
  space.upper_post = {-17, 0, 7};
  space.upper_ant = {17, 0, 11};
  space.left = {0, 1, 0};
  return space;
}

}  // namespace

TEST_CASE("a screw is closed and lies between core and thread diameter") {
  ScrewForm form;
  form.head = {-30, 5, 2};
  form.tip = form.head + cv::Vec3d(44, -9, 3);
  const cv::Vec3d axis = cv::normalize(form.tip - form.head);
  const double length = cv::norm(form.tip - form.head);
  const Mesh screw = make_screw(form);
  CHECK(is_closed(screw));
  double widest = 0;
  double narrowest = 10;
  for (const auto& v : screw.vertices) {
    const cv::Vec3d p(v);
    const double z = (p - form.head).dot(axis);
    const double r = distance_to_axis(p, form.head, axis);
    CHECK(z > -0.01);
    CHECK(z < length + 0.01);
    CHECK(r < 3.25 + 0.01);
    widest = std::max(widest, r);
    if (z > 5 && z < length - 8) narrowest = std::min(narrowest, r);
  }
  CHECK(widest == Approx(3.25).margin(0.05));
  CHECK(narrowest == Approx(3.25 * form.core).margin(0.05));
  const double full = kPi * 3.25 * 3.25 * length;
  CHECK(signed_volume(screw) < full);
  CHECK(signed_volume(screw) > full * form.core * form.core * 0.85);

  form.cannulated = true;
  const Mesh hollow = make_screw(form);
  CHECK(is_closed(hollow));
  CHECK(signed_volume(screw) - signed_volume(hollow) ==
        Approx(kPi * 0.75 * 0.75 * length).epsilon(0.08));
}

TEST_CASE("the thread is a helix of the given pitch") {
  ScrewForm form;
  form.head = {0, 0, 0};
  form.tip = {40, 0, 0};
  form.pitch_mm = 2.5;
  const Mesh screw = make_screw(form);
  // Crests along one side of the shaft, one for each pitch.
  const cv::Vec3d first = cv::Vec3d(screw.vertices[0]);
  const cv::Vec3d side = cv::normalize(cv::Vec3d(0, first[1], first[2]));
  std::vector<std::pair<double, double>> profile;
  for (const auto& v : screw.vertices) {
    const cv::Vec3d p(v);
    const double r = std::hypot(p[1], p[2]);
    if (r > 0.5 && p.dot(side) > r * 0.9999) profile.emplace_back(p[0], r);
  }
  int crests = 0;
  for (std::size_t i = 1; i + 1 < profile.size(); ++i) {
    const double r = profile[i].second;
    if (profile[i].first > 5 && profile[i].first < 30 && r > profile[i - 1].second &&
        r >= profile[i + 1].second) {
      ++crests;
    }
  }
  CHECK(crests == Approx(25 / 2.5).margin(1));
}

TEST_CASE("a tulip holds the rod between two walls") {
  TulipForm form;
  form.center = {-40, 20, 100};
  form.rod = {0, 0, 1};
  form.back = {-1, 0, 0};
  const Mesh tulip = make_tulip(form);
  CHECK(is_closed(tulip));
  CHECK(signed_volume(tulip) > 500);
  for (const Mesh& part : components(tulip)) CHECK(signed_volume(part) > 0);
  for (const auto& v : tulip.vertices) {
    const cv::Vec3d p = cv::Vec3d(v) - form.center;
    CHECK(p.dot(form.back) < form.height_mm + 0.01);
    CHECK(p.dot(form.back) > -kTulipDepthMm - 1);
    // Nothing but the rod within its own radius.
    CHECK(std::hypot(p.dot(form.back), p[1]) > form.rod_diameter_mm / 2 - 0.05);
  }
}

TEST_CASE("a rod keeps its thickness along a curve") {
  std::vector<cv::Vec3d> points;
  for (int i = 0; i <= 10; ++i)
    points.emplace_back(-40 + 0.02 * (i - 5) * (i - 5) * 9, 20, 10.0 * i);
  const Mesh rod = make_rod(points, 5.5);
  CHECK(is_closed(rod));
  CHECK(signed_volume(rod) > 0.95 * kPi * 2.75 * 2.75 * 100);
  CHECK(signed_volume(rod) < 1.15 * kPi * 2.75 * 2.75 * 100);
  CHECK_THROWS(make_rod({{0, 0, 0}}, 5.5));
}

TEST_CASE("a disc space gives positions and heights") {
  const DiscSpace space = disc();
  CHECK(cv::norm(space.at(0, 3, 0) - cv::Vec3d(-17, 3, 0)) < 1e-9);
  CHECK(cv::norm(space.at(1, 0, 1) - cv::Vec3d(17, 0, 11)) < 1e-9);
  CHECK(space.depth_mm() == Approx(34).margin(0.2));
  CHECK(space.height_mm(0) == Approx(7).margin(0.2));
  CHECK(space.height_mm(1) == Approx(13).margin(0.2));
}

TEST_CASE("a cage fills the space between the endplates and is hollow") {
  const DiscSpace space = disc();
  CageForm form;
  const Mesh cage = make_cage(space, form);
  CHECK(is_closed(cage));
  const double block = 17 * 24 * 10;
  CHECK(signed_volume(cage) > 0.3 * block);
  CHECK(signed_volume(cage) < 0.85 * block);
  form.wall_mm = 50;  // no room for a window
  CHECK(signed_volume(make_cage(space, form)) > signed_volume(cage));
  for (const Mesh& pin : make_cage_markers(space, form)) {
    CHECK(is_closed(pin));
    for (const auto& v : pin.vertices) {
      CHECK(std::abs(v[1]) < 12.0F);
      CHECK(v[2] > -2.0F);
      CHECK(v[2] < 11.5F);
    }
  }
}
