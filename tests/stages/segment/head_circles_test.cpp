#include "spine/stages/segment/head_circles.h"

#include "support/catch.h"
#include "support/dice.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

using namespace spine;
using namespace spine::test;

namespace {

struct Scene {
  SyntheticSpine spine;
  MaskStack truth;
  Segmentation seen;

  explicit Scene(SyntheticSpine of) : spine(std::move(of)), truth(true_masks(spine)) {
    seen.masks = truth;
    seen.spine_found = true;
  }

  /// Something crosses a head, from its middle to its border.
  void hide_wedge(Structure structure, cv::Point2d head) {
    cv::Mat mask = seen.masks[structure].clone();
    const cv::Point2d middle = to_film(spine, head);
    const cv::Point to(cvRound(middle.x) + 20, cvRound(middle.y) + 90);
    cv::line(mask, {cvRound(middle.x) + 20, cvRound(middle.y) + 20}, to, cv::Scalar(0), 24);
    seen.masks.set(structure, mask);
  }

  void round() { draw_head_circles({1 / spine.px_per_mm_y, 1 / spine.px_per_mm_x}, seen); }
};

}  // namespace

TEST_CASE("a ragged head becomes the circle that it is") {
  for (unsigned seed = 0; seed < 8; ++seed) {
    Scene scene(random_spine(seed));
    scene.hide_wedge(Structure::F2, scene.spine.heads[1]);
    const double before = dice(scene.seen.masks[Structure::F2], scene.truth[Structure::F2]);
    REQUIRE(before < 0.97);
    scene.round();
    CHECK(dice(scene.seen.masks[Structure::F1], scene.truth[Structure::F1]) > 0.985);
    CHECK(dice(scene.seen.masks[Structure::F2], scene.truth[Structure::F2]) > 0.98);
  }
}

TEST_CASE("a head stays within a quarter of a radius of where it was seen") {
  Scene scene(random_spine(3));
  // The collimation's edge, above the head's middle.
  cv::Mat mask = scene.seen.masks[Structure::F1].clone();
  const int edge = cvRound(to_film(scene.spine, scene.spine.heads[0]).y) - 20;
  const double radius = scene.spine.head_radius * scene.spine.px_per_mm_y;
  mask.rowRange(0, edge).setTo(0);
  scene.seen.masks.set(Structure::F1, mask);
  scene.round();
  const cv::Mat& rounded = scene.seen.masks[Structure::F1];
  CHECK(cv::countNonZero(rounded.rowRange(0, edge - cvCeil(0.25 * radius) - 1)) == 0);
  CHECK(cv::countNonZero(rounded.rowRange(0, edge)) > 0);
}

TEST_CASE("the head that is more in front becomes F1, with all that is known of it") {
  SyntheticSpine spine = random_spine(5);
  spine.heads = {cv::Point2d(2, 12), cv::Point2d(-2, -12)};
  Scene scene(spine);
  scene.seen.masks.set(Structure::F1, scene.truth[Structure::F2]);
  scene.seen.masks.set(Structure::F2, scene.truth[Structure::F1]);
  scene.seen.confidence[index(Structure::F1)] = 0.7;
  scene.seen.confidence[index(Structure::F2)] = 0.9;
  scene.round();
  CHECK(dice(scene.seen.masks[Structure::F1], scene.truth[Structure::F1]) > 0.985);
  CHECK(dice(scene.seen.masks[Structure::F2], scene.truth[Structure::F2]) > 0.985);
  CHECK(scene.seen.confidence[index(Structure::F1)] == 0.9);
}

TEST_CASE("less than half a head stays as it was seen") {
  SyntheticSpine spine = random_spine(2);
  spine.hip_px.y = spine.film.height + 15;
  Scene scene(spine);
  scene.round();
  CHECK(dice(scene.seen.masks[Structure::F1], scene.truth[Structure::F1]) == 1);
}

TEST_CASE("films without heads or masks are left alone") {
  Segmentation nothing;
  nothing.masks = MaskStack({300, 400});
  draw_head_circles({1, 1}, nothing);
  for (const Structure s : kStructures) CHECK_FALSE(nothing.masks.has(s));
}
