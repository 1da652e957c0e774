#include "spine/stages/measure/standard_errors.h"

#include <cmath>
#include <map>
#include <random>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"

#include "spine/core/geometry.h"
#include "spine/stages/locate/contour_profile.h"

using namespace spine;
using namespace spine::test;

namespace {

LandmarkUncertainty equal_uncertainty(const EndplateUncertainty& plate, double head) {
  LandmarkUncertainty uncertainty;
  for (auto& body : uncertainty.vertebrae) body = LandmarkUncertainty::Body{plate, plate};
  uncertainty.s1 = plate;
  uncertainty.femoral_heads = {head, head};
  return uncertainty;
}

Measurements with_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                         const MeasureOptions& options = {}) {
  Measurements m = measure(landmarks, options);
  add_standard_errors(landmarks, uncertainty, options, m);
  return m;
}

double error_of(const Measurements& m, const std::string& name) {
  INFO(name);
  REQUIRE(m.find(name) != nullptr);
  REQUIRE(m.find(name)->standard_error.has_value());
  return *m.find(name)->standard_error;
}

const Landmarks kLandmarks = true_landmarks(random_spine(3));

}  // namespace

TEST_CASE("directions of endplates give the errors of angles") {
  const auto m = with_errors(kLandmarks, equal_uncertainty({1.5, 0, 0}, 0));
  CHECK(error_of(m, "SS") == near(1.5, 1e-3));
  CHECK(error_of(m, "PT") == near(0, 1e-9));
  CHECK(error_of(m, "PI") == near(1.5, 1e-3));
  for (const char* name : {"LL", "segmental_L4_L5", "wedge_L2", "disc_angle_L3_L4"}) {
    CHECK(error_of(m, name) == near(1.5 * std::sqrt(2.0), 1e-3));
  }
}

TEST_CASE("on real radiographs directions are less certain, above all that of S1") {
  const LandmarkUncertainty predicted = equal_uncertainty({1.5, 0.02, 0.03}, 0.1);
  const LandmarkUncertainty real = on_real_radiographs(predicted);
  CHECK(real.s1->turn_deg == near(std::hypot(1.5, 7), 1e-9));
  CHECK(real.vertebrae[4]->inf.turn_deg == near(2.5, 1e-9));
  CHECK(real.vertebrae[0]->sup.along == 0.02);
  CHECK(real.s1->across == 0.03);
  CHECK(real.femoral_heads == predicted.femoral_heads);
  const auto m = with_errors(kLandmarks, real);
  CHECK(error_of(m, "SS") > 7);
  CHECK(error_of(m, "segmental_L1_L2") < 5);
  CHECK_FALSE(on_real_radiographs({}).s1.has_value());
}

TEST_CASE("a value that is undefined within its landmarks' errors has no standard error") {
  const auto lordosis = [](const Landmarks& landmarks) {
    return measure(landmarks).find("LL")->value.value();
  };
  // Almost no lordosis, of which L4-S1 would be a share.
  Landmarks flat = kLandmarks;
  Endplate& top = flat.vertebrae[0]->sup;
  const double by = lordosis(kLandmarks) - 2;
  top = rotated(kLandmarks.vertebrae[0]->sup, by);
  if (std::abs(lordosis(flat) - 2) > 0.1) top = rotated(kLandmarks.vertebrae[0]->sup, -by);
  REQUIRE(lordosis(flat) == near(2, 0.01));
  const auto m = with_errors(flat, equal_uncertainty({2, 0, 0}, 0));
  REQUIRE(m.find("LDI")->value.has_value());
  CHECK_FALSE(m.find("LDI")->standard_error.has_value());
  CHECK(error_of(m, "LL") == near(2 * std::sqrt(2.0), 1e-3));
}

TEST_CASE("heads and the midpoint of S1 give the error of PT") {
  const auto m = with_errors(kLandmarks, equal_uncertainty({0, 0, 0}, 0.2));
  // Each of two heads moves the hip axis by half its own error.
  const auto& heads = kLandmarks.femoral_heads;
  const cv::Point2d hip = 0.5 * (heads[0].center + heads[1].center);
  const cv::Point2d s1 = 0.5 * (kLandmarks.s1->post + kLandmarks.s1->ant);
  const double axis_px = 0.5 * 0.2 * std::hypot(heads[0].radius, heads[1].radius);
  const double expected = deg_from_rad(axis_px / cv::norm(hip - s1));
  CHECK(error_of(m, "PT") == near(expected, 0.02 * expected));
  CHECK(error_of(m, "PI") == near(expected, 0.02 * expected));
  CHECK(error_of(m, "SS") == near(0, 1e-9));
}

TEST_CASE("a single head gives a less certain hip axis") {
  Landmarks one = kLandmarks;
  one.femoral_heads.resize(1);
  LandmarkUncertainty uncertainty = equal_uncertainty({0, 0, 0}, 0.02);
  uncertainty.femoral_heads.resize(1);
  const auto m = with_errors(one, uncertainty);
  const FemoralHead& head = one.femoral_heads[0];
  const cv::Point2d s1 = 0.5 * (one.s1->post + one.s1->ant);
  // The axis is almost below S1: what moves it along the film's rows counts little.
  const double least = deg_from_rad(0.15 * head.radius / cv::norm(head.center - s1));
  CHECK(error_of(m, "PT") > least);
  CHECK(error_of(m, "PT") < 4 * least);
  CHECK(error_of(m, "SS") == near(0, 1e-9));
}

TEST_CASE("standard errors agree with random landmarks") {
  const EndplateUncertainty sd{1, 0.02, 0.03};
  const auto m = with_errors(kLandmarks, equal_uncertainty(sd, 0.1));
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  const auto shake = [&](Endplate& plate) {
    const cv::Point2d along = plate.ant - plate.post;
    const cv::Point2d step = sd.along * normal(random) * along +
                             sd.across * normal(random) * cv::Point2d(-along.y, along.x);
    const double a = rad_from_deg(sd.turn_deg * normal(random));
    const cv::Point2d half = 0.5 * cv::Point2d(std::cos(a) * along.x - std::sin(a) * along.y,
                                               std::sin(a) * along.x + std::cos(a) * along.y);
    const cv::Point2d middle = 0.5 * (plate.post + plate.ant) + step;
    plate = {middle - half, middle + half};
  };
  std::map<std::string, std::vector<double>> seen;
  const std::vector<std::string> names{"PT",        "PI", "LL", "L1PA", "disc_height_L3_L4_mean",
                                       "slip_L4_L5"};
  for (int i = 0; i < 3000; ++i) {
    Landmarks shaken = kLandmarks;
    for (auto& body : shaken.vertebrae) {
      shake(body->sup);
      shake(body->inf);
    }
    shake(*shaken.s1);
    for (auto& head : shaken.femoral_heads) {
      head.center += 0.1 * head.radius * cv::Point2d(normal(random), normal(random));
    }
    const Measurements other = measure(shaken);
    for (const auto& name : names) seen[name].push_back(*other.find(name)->value);
  }
  for (const auto& name : names) {
    double sum = 0, squares = 0;
    for (const double v : seen[name]) sum += v;
    const double mean = sum / 3000;
    for (const double v : seen[name]) squares += (v - mean) * (v - mean);
    const double deviation = std::sqrt(squares / 2999);
    INFO(name);
    CHECK(error_of(m, name) == near(deviation, 0.06 * deviation));
  }
}

TEST_CASE("what depends on a landmark of unknown standard deviation has no standard error") {
  LandmarkUncertainty uncertainty = equal_uncertainty({1, 0.01, 0.01}, 0.1);
  uncertainty.vertebrae[0].reset();
  uncertainty.femoral_heads.pop_back();
  const auto m = with_errors(kLandmarks, uncertainty);
  for (const char* name : {"LL", "segmental_L1_L2", "PT", "PI"}) {
    CHECK_FALSE(m.find(name)->standard_error.has_value());
  }
  CHECK(m.find("SS")->standard_error.has_value());
  CHECK(m.find("segmental_L2_L3")->standard_error.has_value());
  CHECK_FALSE(m.find("roussouly")->standard_error.has_value());
  CHECK_FALSE(m.find("schwab_PT")->standard_error.has_value());
}

TEST_CASE("lengths have standard errors in millimetres with a spacing") {
  const LandmarkUncertainty uncertainty = equal_uncertainty({0, 0, 0.05}, 0.1);
  const MeasureOptions half_mm{Spacing{0.5, 0.5}, {}};
  const double px = error_of(with_errors(kLandmarks, uncertainty), "disc_height_L2_L3_middle");
  const double mm =
      error_of(with_errors(kLandmarks, uncertainty, half_mm), "disc_height_L2_L3_middle");
  CHECK(px > 0);
  CHECK(mm == near(0.5 * px, 1e-3 * px));
}
