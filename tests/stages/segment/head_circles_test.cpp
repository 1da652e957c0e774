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
  Segmentation segmentation;

  explicit Scene(SyntheticSpine of) : spine(std::move(of)), truth(true_masks(spine)) {
    segmentation.masks = truth;
    segmentation.spine_found = true;
  }

  /// Removes a stripe of a head's mask, from its middle to its border.
  void remove_stripe(Structure structure, cv::Point2d head) {
    cv::Mat mask = segmentation.masks[structure].clone();
    const cv::Point2d middle = to_film(spine, head);
    const cv::Point to(cvRound(middle.x) + 20, cvRound(middle.y) + 90);
    cv::line(mask, {cvRound(middle.x) + 20, cvRound(middle.y) + 20}, to, cv::Scalar(0), 24);
    segmentation.masks.set(structure, mask);
  }

  void draw_circles() {
    draw_head_circles({1 / spine.px_per_mm_y, 1 / spine.px_per_mm_x}, segmentation);
  }
};

}  // namespace

TEST_CASE("an irregular head mask becomes its circle") {
  for (unsigned seed = 0; seed < 8; ++seed) {
    Scene scene(random_spine(seed));
    scene.remove_stripe(Structure::F2, scene.spine.heads[1]);
    const double before = dice(scene.segmentation.masks[Structure::F2], scene.truth[Structure::F2]);
    REQUIRE(before < 0.97);
    scene.draw_circles();
    CHECK(dice(scene.segmentation.masks[Structure::F1], scene.truth[Structure::F1]) > 0.985);
    CHECK(dice(scene.segmentation.masks[Structure::F2], scene.truth[Structure::F2]) > 0.98);
  }
}

TEST_CASE("a circle extends at most a quarter of its radius beyond the mask") {
  Scene scene(random_spine(3));
  // The collimation's edge, above the head's middle.
  cv::Mat mask = scene.segmentation.masks[Structure::F1].clone();
  const int edge = cvRound(to_film(scene.spine, scene.spine.heads[0]).y) - 20;
  const double radius = scene.spine.head_radius * scene.spine.px_per_mm_y;
  mask.rowRange(0, edge).setTo(0);
  scene.segmentation.masks.set(Structure::F1, mask);
  scene.draw_circles();
  const cv::Mat& rounded = scene.segmentation.masks[Structure::F1];
  CHECK(cv::countNonZero(rounded.rowRange(0, edge - cvCeil(0.25 * radius) - 1)) == 0);
  CHECK(cv::countNonZero(rounded.rowRange(0, edge)) > 0);
}

TEST_CASE("the more anterior head becomes F1, with its confidence") {
  SyntheticSpine spine = random_spine(5);
  spine.heads = {cv::Point2d(2, 12), cv::Point2d(-2, -12)};
  Scene scene(spine);
  scene.segmentation.masks.set(Structure::F1, scene.truth[Structure::F2]);
  scene.segmentation.masks.set(Structure::F2, scene.truth[Structure::F1]);
  scene.segmentation.confidence[index(Structure::F1)] = 0.7;
  scene.segmentation.confidence[index(Structure::F2)] = 0.9;
  scene.draw_circles();
  CHECK(dice(scene.segmentation.masks[Structure::F1], scene.truth[Structure::F1]) > 0.985);
  CHECK(dice(scene.segmentation.masks[Structure::F2], scene.truth[Structure::F2]) > 0.985);
  CHECK(scene.segmentation.confidence[index(Structure::F1)] == 0.9);
}

TEST_CASE("less than half a head keeps its mask") {
  SyntheticSpine spine = random_spine(2);
  spine.hip_px.y = spine.film.height + 15;
  Scene scene(spine);
  scene.draw_circles();
  CHECK(dice(scene.segmentation.masks[Structure::F1], scene.truth[Structure::F1]) == 1);
}

TEST_CASE("films without heads or masks are unchanged") {
  Segmentation nothing;
  nothing.masks = MaskStack({300, 400});
  draw_head_circles({1, 1}, nothing);
  for (const Structure s : kStructures) CHECK_FALSE(nothing.masks.has(s));
}
