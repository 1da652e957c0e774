#include "spine/stages/segment/probability_masks.h"

#include "support/catch.h"
#include "support/dice.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/stages/locate/locate.h"

using namespace spine;
using namespace spine::test;

namespace {

constexpr int kNet = 256;

/// Probabilities of a perfect network: the share of each network pixel that a structure covers.
std::vector<cv::Mat> perfect_probabilities(const MaskStack& masks, const Letterbox& box) {
  std::vector<cv::Mat> planes;
  for (const Structure s : kStructures) {
    cv::Mat plane = cv::Mat::zeros(box.net, box.net, CV_32FC1), part;
    cv::resize(masks[s], part, box.content().size(), 0, 0, cv::INTER_AREA);
    cv::Mat inside = plane(box.content());
    part.convertTo(inside, CV_32F, 1 / 255.0);
    planes.push_back(plane);
  }
  return planes;
}

struct Scene {
  SyntheticSpine spine;
  MaskStack masks;
  Letterbox box;
  std::vector<cv::Mat> planes;
  explicit Scene(unsigned seed = 3) : spine(random_spine(seed)) {
    spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
    masks = true_masks(spine);
    box = letterbox(spine.film, std::nullopt, kNet);
    planes = perfect_probabilities(masks, box);
  }
  [[nodiscard]] cv::Mat& plane(Structure s) { return planes[index(s)]; }
  [[nodiscard]] Segmentation segmentation(const SegmentOptions& options = {}) const {
    return masks_from_probabilities(planes, box, options);
  }
};

}  // namespace

TEST_CASE("perfect probabilities give the true masks at film resolution") {
  for (unsigned seed = 0; seed < 4; ++seed) {
    const Scene scene(seed);
    const Segmentation result = scene.segmentation();
    CHECK(result.spine_found);
    CHECK(result.notes.empty());
    CHECK(result.masks.size() == scene.spine.film);
    for (const Structure s : kStructures) {
      INFO(to_string(s));
      CHECK(dice(result.masks[s], scene.masks[s]) > 0.975);
      CHECK(result.confidence[index(s)] > 0.85);
    }
  }
}

TEST_CASE("small components and a larger body out of order are dropped") {
  Scene scene;
  cv::circle(scene.plane(Structure::L2), {20, 240}, 14, cv::Scalar(1), cv::FILLED);
  cv::circle(scene.plane(Structure::L4), {230, 15}, 2, cv::Scalar(1), cv::FILLED);
  const Segmentation result = scene.segmentation();
  CHECK(dice(result.masks[Structure::L2], scene.masks[Structure::L2]) > 0.97);
  CHECK(dice(result.masks[Structure::L4], scene.masks[Structure::L4]) > 0.97);
  CHECK(result.notes.size() == 1);
}

TEST_CASE("without enforce_order the component of greatest mass of each channel is used") {
  Scene scene;
  cv::circle(scene.plane(Structure::L2), {20, 240}, 14, cv::Scalar(1), cv::FILLED);
  SegmentOptions options;
  options.enforce_order = false;
  CHECK(dice(scene.segmentation(options).masks[Structure::L2], scene.masks[Structure::L2]) < 0.1);
}

TEST_CASE("raw masks are the thresholded channels") {
  Scene scene;
  cv::circle(scene.plane(Structure::L2), {65, 225}, 12, cv::Scalar(1), cv::FILLED);
  scene.plane(Structure::S).setTo(0);
  SegmentOptions options;
  options.raw_output = true;
  const Segmentation result = scene.segmentation(options);
  CHECK(result.spine_found);
  CHECK(result.notes.empty());
  CHECK_FALSE(result.masks.has(Structure::S));
  const int both = cv::countNonZero(result.masks[Structure::L2]);
  CHECK(both > cv::countNonZero(scene.masks[Structure::L2]) + 300);
}

TEST_CASE("a body that only its neighbours' channels show is found") {
  Scene scene;
  cv::Mat& l3 = scene.plane(Structure::L3);
  scene.plane(Structure::L2) = cv::max(scene.plane(Structure::L2), l3);
  l3 = cv::Mat::zeros(l3.size(), CV_32FC1);
  const Segmentation result = scene.segmentation();
  CHECK(dice(result.masks[Structure::L2], scene.masks[Structure::L2]) > 0.97);
  CHECK(dice(result.masks[Structure::L3], scene.masks[Structure::L3]) > 0.97);
  CHECK_FALSE(result.notes.empty());
}

TEST_CASE("a level without probability has no mask") {
  Scene scene;
  scene.plane(Structure::L3).setTo(0);
  const Segmentation result = scene.segmentation();
  CHECK(result.spine_found);
  CHECK_FALSE(result.masks.has(Structure::L3));
  CHECK(result.confidence[index(Structure::L3)] == 0);
  CHECK(result.masks.has(Structure::L2));
}

TEST_CASE("F1 is the more anterior head, whichever channel found it") {
  for (const bool raw : {false, true}) {
    SegmentOptions options;
    options.raw_output = raw;
    for (unsigned seed = 0; seed < 4; ++seed) {
      Scene scene(seed);
      const Segmentation right = scene.segmentation(options);
      std::swap(scene.plane(Structure::F1), scene.plane(Structure::F2));
      const Segmentation result = scene.segmentation(options);
      CHECK(dice(result.masks[Structure::F1], scene.masks[Structure::F1]) > 0.97);
      CHECK(dice(result.masks[Structure::F2], scene.masks[Structure::F2]) > 0.97);
      for (const std::size_t head : {index(Structure::F1), index(Structure::F2)}) {
        CHECK(result.confidence[head] == right.confidence[head]);
        CHECK(result.outlines[head].size() == right.outlines[head].size());
      }
    }
  }
}

TEST_CASE("a head above the spine is dropped") {
  Scene scene;
  cv::Mat& head = scene.plane(Structure::F1);
  head.setTo(0);
  cv::circle(head, {40, 30}, 14, cv::Scalar(1), cv::FILLED);
  CHECK_FALSE(scene.segmentation().masks.has(Structure::F1));
}

TEST_CASE("a structure cut by the film's edge reaches it") {
  SyntheticSpine spine = random_spine(4);
  spine.film = {700, 1500};   // narrower than high: the square is padded at the sides
  spine.hip_px = {90, 1300};  // the heads are cut at the left
  const MaskStack masks = true_masks(spine);
  REQUIRE(cv::countNonZero(masks[Structure::F1].col(0)) > 100);
  const Letterbox box = letterbox(spine.film, std::nullopt, kNet);
  const auto result = masks_from_probabilities(perfect_probabilities(masks, box), box, {});
  const int cut = cv::countNonZero(result.masks[Structure::F1].col(0));
  CHECK(cut == near(cv::countNonZero(masks[Structure::F1].col(0)), 12));
}

TEST_CASE("noise, an empty film and a hand give no spine and no masks") {
  const Letterbox box = letterbox({1000, 1200}, std::nullopt, kNet);
  std::vector<cv::Mat> nothing, noise, hand;
  cv::RNG rng(5);
  for (std::size_t i = 0; i < kStructureCount; ++i) {
    nothing.push_back(cv::Mat::zeros(kNet, kNet, CV_32FC1));
    cv::Mat plane(kNet, kNet, CV_32FC1);
    rng.fill(plane, cv::RNG::UNIFORM, 0, 1);
    cv::GaussianBlur(plane, plane, {}, 3);
    cv::normalize(plane, plane, 0, 1, cv::NORM_MINMAX);
    noise.push_back(plane);
    cv::Mat fingers = cv::Mat::zeros(kNet, kNet, CV_32FC1);
    const int x = 40 + 20 * static_cast<int>(i);
    cv::line(fingers, {x, 30}, {x, 140}, cv::Scalar(0.9), 9);
    hand.push_back(fingers);
  }
  for (const auto& planes : {nothing, noise, hand}) {
    const Segmentation result = masks_from_probabilities(planes, box, {});
    CHECK_FALSE(result.spine_found);
    for (const Structure s : kStructures) CHECK_FALSE(result.masks.has(s));
  }
}

TEST_CASE("low confidence gives no spine") {
  Scene scene;
  for (auto& plane : scene.planes) plane *= 0.6;
  CHECK_FALSE(scene.segmentation().spine_found);
}

TEST_CASE("landmarks from perfect probabilities are close to the truth") {
  for (unsigned seed = 0; seed < 4; ++seed) {
    const Scene scene(seed);
    const Located located = locate(scene.segmentation().masks);
    const Landmarks truth = true_landmarks(scene.spine);
    REQUIRE(located.landmarks.anterior == truth.anterior);
    REQUIRE(located.landmarks.s1.has_value());
    // A pixel of the network is 5.9 film pixels.
    CHECK(cv::norm(located.landmarks.s1->ant - truth.s1->ant) < 8);
    CHECK(cv::norm(located.landmarks.s1->post - truth.s1->post) < 8);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(cv::norm(located.landmarks.femoral_heads[i].center - truth.femoral_heads[i].center) <
            2);
    }
  }
}

TEST_CASE("a wrong number or size of planes is an internal error") {
  const Scene scene;
  auto planes = scene.planes;
  planes.pop_back();
  CHECK_THROWS_AS(masks_from_probabilities(planes, scene.box, {}), Error);
  planes.emplace_back(cv::Mat::zeros(10, 10, CV_32FC1));
  CHECK_THROWS_AS(masks_from_probabilities(planes, scene.box, {}), Error);
}
