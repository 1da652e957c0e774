#include <cmath>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/stages/locate/locate.h"
#include "spine/stages/measure/measure.h"

using namespace spine;
using namespace spine::test;

namespace {

Measurements measured(const SyntheticSpine& spine, const Landmarks& marks) {
  MeasureOptions options;
  options.spacing = true_spacing(spine);
  return measure(marks, options);
}

Landmarks fitted(const SyntheticSpine& spine, const MaskStack& masks) {
  LocateOptions options;
  options.spacing = true_spacing(spine);
  const Located located = locate(masks, options);
  CHECK(located.qc.empty());
  return located.landmarks;
}

double error(const Measurements& a, const Measurements& b, const std::string& name) {
  INFO(name);
  REQUIRE(a.find(name)->value.has_value());
  return std::abs(*a.find(name)->value - *b.find(name)->value);
}

SyntheticSpine spine_of(unsigned seed) {
  SyntheticSpine spine = random_spine(seed);
  spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
  return spine;
}

/// Mean absolute errors of PT, SS, PI and LL over some spines stay below the given limits.
template <typename Change>
void check_mean_errors(const Change& change, const std::array<double, 4>& limits_deg) {
  const std::array<const char*, 4> names{"PT", "SS", "PI", "LL"};
  constexpr int kCount = 8;
  std::array<double, 4> sum{};
  for (unsigned seed = 0; seed < kCount; ++seed) {
    SyntheticSpine spine = spine_of(seed);
    change(spine);
    const Measurements found = measured(spine, fitted(spine, true_masks(spine)));
    const Measurements truth = measured(spine, true_landmarks(spine));
    for (std::size_t i = 0; i < 4; ++i) sum[i] += error(found, truth, names[i]) / kCount;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    INFO(names[i]);
    CHECK(sum[i] < limits_deg[i]);
  }
}

}  // namespace

TEST_CASE("true masks give the true angles") {
  check_mean_errors([](SyntheticSpine&) {}, {0.2, 0.4, 0.4, 0.4});
}

TEST_CASE("spurs at the rims hardly move the angles") {
  check_mean_errors([](SyntheticSpine& s) { s.osteophyte_mm = 4; }, {0.2, 0.4, 0.4, 0.6});
}

TEST_CASE("deep concavities and very round corners hardly move the angles") {
  check_mean_errors(
      [](SyntheticSpine& s) {
        s.dish_mm = 3;
        s.corner_radius_mm = 4.5;
      },
      {0.3, 0.6, 0.6, 0.8});
}

TEST_CASE("anisotropic pixels are honoured") {
  check_mean_errors(
      [](SyntheticSpine& s) {
        s.px_per_mm_x = 5;
        s.px_per_mm_y = 2.5;
        s.film = {1375, 1020};
        s.hip_px = {600, 900};
      },
      {0.25, 0.5, 0.5, 0.6});
}

TEST_CASE("corners, heads and radii are accurate") {
  for (unsigned seed = 0; seed < 4; ++seed) {
    const SyntheticSpine spine = spine_of(seed);
    const Landmarks found = fitted(spine, true_masks(spine)), truth = true_landmarks(spine);
    const double mm = spine.px_per_mm_x;
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      INFO("seed " << seed << " L" << i + 1);
      const auto &a = *found.vertebrae[i], &b = *truth.vertebrae[i];
      CHECK(cv::norm(a.sup.post - b.sup.post) < 0.9 * mm);
      CHECK(cv::norm(a.sup.ant - b.sup.ant) < 0.9 * mm);
      CHECK(cv::norm(a.inf.post - b.inf.post) < 0.9 * mm);
      CHECK(cv::norm(a.inf.ant - b.inf.ant) < 0.9 * mm);
    }
    REQUIRE(found.femoral_heads.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(cv::norm(found.femoral_heads[i].center - truth.femoral_heads[i].center) < 0.15 * mm);
      CHECK(found.femoral_heads[i].radius == near(truth.femoral_heads[i].radius, 0.15 * mm));
    }
  }
}

TEST_CASE("a femoral head cropped by the film keeps its centre") {
  SyntheticSpine spine = spine_of(6);
  spine.hip_px.y = spine.film.height - 10;
  const Landmarks found = fitted(spine, true_masks(spine)), truth = true_landmarks(spine);
  REQUIRE(found.femoral_heads.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(cv::norm(found.femoral_heads[i].center - truth.femoral_heads[i].center) <
          0.5 * spine.px_per_mm_x);
  }
}

TEST_CASE("a body cropped by the film has no corners") {
  SyntheticSpine spine = spine_of(2);
  const double l1 = true_landmarks(spine).vertebrae[0]->sup.ant.y;
  spine.hip_px.y -= l1 + 30;  // half of L1 lies above the film
  const MaskStack masks = true_masks(spine);
  REQUIRE(masks.has(Structure::L1));
  const Located located = locate(masks);
  CHECK_FALSE(located.landmarks.vertebrae[0].has_value());
  CHECK(located.landmarks.vertebrae[1].has_value());
}

TEST_CASE("S1 is found without any body above it") {
  const SyntheticSpine spine = spine_of(3);
  MaskStack masks(spine.film);
  masks.set(Structure::S, true_masks(spine)[Structure::S]);
  LocateOptions options;
  options.anterior = spine.anterior;
  const auto s1 = locate(masks, options).landmarks.s1;
  const Landmarks truth = true_landmarks(spine);
  REQUIRE(s1.has_value());
  CHECK(cv::norm(s1->ant - truth.s1->ant) < 2 * spine.px_per_mm_x);
  CHECK(cv::norm(s1->post - truth.s1->post) < 2 * spine.px_per_mm_x);
}

TEST_CASE("a sacrum whose posterior corner is worn off keeps the direction of S1") {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    INFO(seed);
    const SyntheticSpine spine = spine_of(seed);
    const Landmarks truth = true_landmarks(spine);
    MaskStack masks = true_masks(spine);
    cv::Mat sacrum = masks[Structure::S].clone();
    const double depth = cv::norm(truth.s1->ant - truth.s1->post);
    cv::circle(sacrum, cv::Point(truth.s1->post), cvRound(0.22 * depth), 0, cv::FILLED);
    masks.set(Structure::S, sacrum);
    const Measurements found = measured(spine, fitted(spine, masks));
    CHECK(error(found, measured(spine, truth), "SS") < 4);
  }
}

TEST_CASE("S1 is found where the mask above it is wrong") {
  const SyntheticSpine spine = spine_of(2);
  const Landmarks truth = true_landmarks(spine);
  MaskStack masks = true_masks(spine);
  // L5 without its lower posterior half.
  cv::Mat body = masks[Structure::L5].clone();
  const auto& corners = *truth.vertebrae[4];
  const std::vector<cv::Point> half{corners.sup.post, corners.inf.ant, corners.inf.post};
  cv::fillConvexPoly(body, half, 0);
  masks.set(Structure::L5, body);
  LocateOptions options;
  options.spacing = true_spacing(spine);
  const Measurements found = measured(spine, locate(masks, options).landmarks);
  CHECK(error(found, measured(spine, truth), "SS") < 1);
}
