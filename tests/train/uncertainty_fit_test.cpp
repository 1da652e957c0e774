#include "spine/train/uncertainty_fit.h"

#include <cmath>
#include <fstream>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/sim/rng.h"

using namespace spine;
using namespace spine::test;
using train::UncertaintySample;

namespace {

/// Landmarks whose standard deviation is twice the square of their width.
std::vector<UncertaintySample> known_landmarks(int count, std::uint64_t seed = 3) {
  sim::Rng rng(seed);
  std::vector<UncertaintySample> samples;
  for (int i = 0; i < count; ++i) {
    UncertaintySample sample;
    sample.kind = static_cast<LandmarkKind>(i % 4);
    const double width = rng.uniform(0.05, 0.5);
    sample.features = uncertainty_features(
        {width, rng.uniform(0.01, 0.1), rng.uniform(0.5, 1), rng.uniform(0.7, 1)});
    for (double& error : sample.error) error = rng.normal(0, 2 * width * width);
    samples.push_back(sample);
  }
  return samples;
}

}  // namespace

TEST_CASE("the uncertainty model is recovered and calibrated to 90 %") {
  const auto rules = train::fit_uncertainty_model(known_landmarks(8000), 1e-6);
  const auto fresh = known_landmarks(6000, 4);
  for (std::size_t kind = 0; kind < kLandmarkKinds; ++kind) {
    CHECK(rules[kind][0][1] == near(2, 0.15));  // of log width
    CHECK(rules[kind][0][2] == near(0, 0.15));
    const double covered =
        train::coverage_of(fresh, static_cast<LandmarkKind>(kind), 0, rules[kind]);
    CHECK(covered == near(0.9, 0.04));
  }
  CHECK_THROWS_AS(train::fit_uncertainty_model(known_landmarks(40), 1e-6), Error);
}

TEST_CASE("samples are errors of predicted landmarks with their contour quality") {
  const TempDir dir;
  const Landmarks truth = true_landmarks(random_spine(4));
  Landmarks found = truth;
  const cv::Point2d along = truth.s1->ant - truth.s1->post;
  found.s1->post += 0.1 * along;
  found.s1->ant += 0.1 * along;
  found.femoral_heads[0].center.y += 0.2 * found.femoral_heads[0].radius;
  for (const char* side : {"pred", "truth"}) {
    std::filesystem::create_directories(dir / side / std::string("a"));
  }
  write_landmarks(dir / "pred" / "a" / "landmarks.json", found);
  write_landmarks(dir / "truth" / "a" / "landmarks.json", truth);
  std::ofstream(dir / "pred" / "a" / "measurements.json") << R"({"provenance": {"outlines": {
           "S1.sup": {"width": 0.1, "scatter": 0.02, "coverage": 1, "confidence": 0.9},
           "F1": {"width": 0.2, "scatter": 0.02, "coverage": 1, "confidence": 0.9}}}})";
  const auto samples = train::uncertainty_samples(dir / "pred", dir / "truth");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].kind == LandmarkKind::head);
  CHECK(samples[0].error[0] == near(0.2 / std::sqrt(2.0), 1e-3));
  CHECK(samples[0].features[1] == near(std::log(0.2)));
  CHECK(samples[1].kind == LandmarkKind::sacral);
  CHECK(samples[1].error[0] == near(0, 1e-2));
  CHECK(samples[1].error[1] == near(0.1, 1e-3));
  CHECK(samples[1].error[2] == near(0, 1e-3));
  CHECK_THROWS_AS(train::uncertainty_samples(dir / "pred", dir / "nowhere"), Error);
}

TEST_CASE("rules are written as source") {
  const auto rules = train::fit_uncertainty_model(known_landmarks(1000), 1e-6);
  const std::string source = train::uncertainty_model_source(rules, "a test");
  CHECK(source.find("// Generated: a test\n") != std::string::npos);
  CHECK(source.find("kUncertaintyRules") != std::string::npos);
}
