#include "spine/sim/projector.h"

#include <cmath>

#include "phantom.h"
#include "support/catch.h"

#include "spine/sim/raster.h"

using namespace spine;
using namespace spine::sim;

namespace {

SoftTissue box_of_tissue() {
  SoftTissue soft;
  soft.envelope = sphere({20, 0, 150}, 400, 64, 128);
  return soft;
}

float length_at(const PathLengthProjections& maps, Material material, const cv::Point2d& at) {
  return maps.length_mm[static_cast<std::size_t>(material)].at<float>(
      static_cast<int>(std::lround(at.y)), static_cast<int>(std::lround(at.x)));
}

double centroid_distance(const cv::Mat& bits, Structure s, const cv::Point2d& expected) {
  double x_sum = 0, y_sum = 0, count = 0;
  for (int y = 0; y < bits.rows; ++y) {
    for (int x = 0; x < bits.cols; ++x) {
      if ((bits.at<std::uint8_t>(y, x) >> index(s) & 1U) == 0) continue;
      x_sum += x;
      y_sum += y;
      ++count;
    }
  }
  return count == 0 ? 1e9 : std::hypot(x_sum / count - expected.x, y_sum / count - expected.y);
}

}  // namespace

TEST_CASE("a ray crosses cortical shell, cancellous interior and soft tissue") {
  const Anatomy anatomy = test::sphere_anatomy();
  const PathLengthProjections maps =
      project(anatomy, box_of_tissue(), nullptr, test::plain_view(), 450);
  const Camera camera(test::plain_view(), 450);
  const cv::Point2d l3 = camera.to_pixel(anatomy.frames[2].center);
  CHECK(std::abs(length_at(maps, Material::cortical, l3) - 4) < 0.2);
  CHECK(std::abs(length_at(maps, Material::cancellous, l3) - 26) < 0.2);
  const float total = length_at(maps, Material::soft, l3) + 30;
  CHECK(total > 780);
  CHECK(total < 801);
}

TEST_CASE("bone densities scale bone and leave soft tissue alone") {
  Anatomy anatomy = test::sphere_anatomy();
  const PathLengthProjections plain =
      project(anatomy, box_of_tissue(), nullptr, test::plain_view(), 225);
  for (Bone& bone : anatomy.bones) bone.cancellous_density = 0.5;
  const PathLengthProjections thin =
      project(anatomy, box_of_tissue(), nullptr, test::plain_view(), 225);
  const auto cancellous = static_cast<std::size_t>(Material::cancellous);
  const auto soft = static_cast<std::size_t>(Material::soft);
  CHECK(cv::norm(thin.length_mm[cancellous] * 2, plain.length_mm[cancellous], cv::NORM_INF) < 1e-4);
  CHECK(cv::norm(thin.length_mm[soft], plain.length_mm[soft], cv::NORM_INF) < 1e-4);
}

TEST_CASE("silhouettes stand around the projected landmarks, on both sides") {
  const Anatomy anatomy = test::sphere_anatomy();
  for (const Side anterior : {Side::left, Side::right}) {
    const PathLengthProjections maps =
        project(anatomy, box_of_tissue(), nullptr, test::plain_view(anterior), 900);
    const Landmarks& marks = maps.landmarks;
    REQUIRE(marks.anterior == anterior);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      REQUIRE(marks.vertebrae[i]);
      const VertebraCorners& v = *marks.vertebrae[i];
      const cv::Point2d middle = (v.sup.post + v.sup.ant + v.inf.post + v.inf.ant) / 4;
      CHECK(centroid_distance(maps.structures, kStructures[i], middle) < 0.6);
      CHECK((v.sup.ant.x < v.sup.post.x) == (anterior == Side::left));
      CHECK(v.sup.ant.y < v.inf.ant.y);
    }
    REQUIRE(marks.femoral_heads.size() == 2);
    CHECK(centroid_distance(maps.structures, Structure::F1, marks.femoral_heads[0].center) < 0.6);
    CHECK(centroid_distance(maps.structures, Structure::F2, marks.femoral_heads[1].center) < 0.6);
    const double step = marks.femoral_heads[0].center.x - marks.femoral_heads[1].center.x;
    CHECK((step < 0) == (anterior == Side::left));  // F1 is the more anterior
  }
}

TEST_CASE("a prosthetic head replaces the anatomical one, and bones can be removed") {
  const Anatomy anatomy = test::sphere_anatomy();
  Implants implants;
  implants.prosthetic_heads[0] = HeadTruth{{30, 85, -5}, 16};
  implants.removed_bones = {"L3"};
  implants.parts.push_back(
      {"screw", sphere(anatomy.frames[3].center, 6, 24, 48), Material::titanium});
  const PathLengthProjections maps =
      project(anatomy, box_of_tissue(), &implants, test::plain_view(), 450);
  const Camera camera(test::plain_view(), 450);
  const FemoralHead& first = maps.landmarks.femoral_heads.at(0);
  CHECK(cv::norm(first.center - camera.to_pixel({30, 85, -5})) < 1e-9);
  CHECK(std::abs(first.radius - 16 * camera.magnification({30, 85, -5})) < 0.05);
  CHECK(length_at(maps, Material::cortical, camera.to_pixel(anatomy.frames[2].center)) == 0.0F);
  const cv::Point2d l4 = camera.to_pixel(anatomy.frames[3].center);
  CHECK(std::abs(length_at(maps, Material::titanium, l4) - 12) < 0.2);
  CHECK(maps.implant.at<std::uint8_t>(static_cast<int>(l4.y), static_cast<int>(l4.x)) == 255);
}

TEST_CASE("landmarks outside the film are missing") {
  ViewGeometry view = test::plain_view();
  view.height_mm = 200;  // ends above the sacrum
  const PathLengthProjections maps =
      project(test::sphere_anatomy(), box_of_tissue(), nullptr, view, 200);
  CHECK(maps.landmarks.vertebrae[0]);
  CHECK(!maps.landmarks.s1);
  CHECK(maps.landmarks.femoral_heads.empty());
}

TEST_CASE("fat and gas displace soft tissue without negative lengths") {
  SoftTissue soft = box_of_tissue();
  soft.parts.push_back({sphere({0, 0, 180}, 60, 32, 64), Material::fat});
  soft.parts.push_back({sphere({0, 0, 180}, 390, 32, 64), Material::gas});
  const PathLengthProjections maps =
      project(test::sphere_anatomy(), soft, nullptr, test::plain_view(), 225);
  double lowest = 0;
  for (const Material m : {Material::soft, Material::fat, Material::gas}) {
    cv::minMaxLoc(maps.length_mm[static_cast<std::size_t>(m)], &lowest);
    CHECK(lowest >= 0);
  }
}
