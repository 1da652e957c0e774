#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/stages/locate/locate.h"

using namespace spine;
using namespace spine::test;

namespace {

Landmarks report(const MaskStack& masks, Side anterior = Side::left) {
  LocateOptions options;
  options.method = LandmarkMethod::baseline;
  options.anterior = anterior;
  return locate(masks, options).landmarks;
}

void fill(MaskStack& masks, Structure s, const std::vector<cv::Point>& corners) {
  cv::Mat mask = cv::Mat::zeros(masks.size(), CV_8UC1);
  cv::fillConvexPoly(mask, corners, cv::Scalar(255));
  masks.set(s, mask);
}

}  // namespace

TEST_CASE("Algorithm 1 gives the corners of a straight-sided body exactly") {
  MaskStack masks({400, 400});
  fill(masks, Structure::L3, {{100, 120}, {200, 100}, {210, 180}, {110, 190}});
  const auto body = report(masks).vertebrae[2];
  REQUIRE(body.has_value());
  CHECK(body->sup.ant == cv::Point2d(100, 120));
  CHECK(body->sup.post == cv::Point2d(200, 100));
  CHECK(body->inf.ant == cv::Point2d(110, 190));
  CHECK(body->inf.post == cv::Point2d(210, 180));
  const auto facing_right = report(masks, Side::right).vertebrae[2];
  CHECK(facing_right->sup.post == cv::Point2d(100, 120));
  CHECK(facing_right->inf.ant == cv::Point2d(210, 180));
}

TEST_CASE("Algorithm 2 gives the ends of a 40 degree endplate, facing either way") {
  MaskStack masks({400, 400});
  // Front end (100, 200), back end 100 px behind and above it, walls square to it.
  fill(masks, Structure::S, {{100, 200}, {177, 136}, {305, 290}, {270, 330}});
  const auto s1 = report(masks).s1;
  REQUIRE(s1.has_value());
  CHECK(cv::norm(s1->ant - cv::Point2d(100, 200)) < 1e-9);
  CHECK(cv::norm(s1->post - cv::Point2d(177, 136)) < 1e-9);

  MaskStack other({400, 400});
  cv::Mat flipped;
  cv::flip(masks[Structure::S], flipped, 1);
  other.set(Structure::S, flipped);
  const auto right = report(other, Side::right).s1;
  CHECK(cv::norm(right->ant - cv::Point2d(299, 200)) < 1e-9);
  CHECK(cv::norm(right->post - cv::Point2d(222, 136)) < 1e-9);
}

TEST_CASE("Algorithm 3 gives the centre of mass") {
  MaskStack masks({400, 400});
  cv::Mat mask = cv::Mat::zeros(masks.size(), CV_8UC1);
  cv::circle(mask, {150, 220}, 40, cv::Scalar(255), cv::FILLED);
  masks.set(Structure::F2, mask);
  const auto heads = report(masks).femoral_heads;
  REQUIRE(heads.size() == 1);
  CHECK(heads[0].center.x == near(150, 1e-6));
  CHECK(heads[0].center.y == near(220, 1e-6));
  CHECK(heads[0].radius == near(40, 0.6));
}

TEST_CASE("corners of a tilted, rounded body are labelled correctly") {
  for (unsigned seed = 0; seed < 6; ++seed) {
    SyntheticSpine spine = random_spine(seed);
    spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
    const Landmarks found = report(true_masks(spine), spine.anterior),
                    truth = true_landmarks(spine);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      INFO("seed " << seed << " L" << i + 1);
      REQUIRE(found.vertebrae[i].has_value());
      CHECK(cv::norm(found.vertebrae[i]->sup.ant - truth.vertebrae[i]->sup.ant) < 8);
      CHECK(cv::norm(found.vertebrae[i]->inf.post - truth.vertebrae[i]->inf.post) < 8);
    }
  }
}
