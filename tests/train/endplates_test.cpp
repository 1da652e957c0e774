#include "spine/train/endplates.h"

#include <cmath>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/sim/film_set.h"
#include "spine/sim/rng.h"

using namespace spine;
using train::EndplateSample;

namespace {

/// Bodies whose corrections are a known linear function of their profiles, plus noise.
std::vector<EndplateSample> known_bodies(int count) {
  sim::Rng rng(5);
  std::vector<EndplateSample> samples;
  for (int i = 0; i < count; ++i) {
    EndplateSample sample;
    for (double& p : sample.profile) p = 0.03 + 0.03 * rng.normal();
    const double share = obliquity(sample.profile);
    sample.turn_deg[0] = share * (20 * sample.profile[3] - 10 * sample.profile[40]);
    sample.turn_deg[1] = share * 15 * sample.profile[25] + 0.05 * rng.normal();
    samples.push_back(sample);
  }
  return samples;
}

}  // namespace

TEST_CASE("ridge regression recovers the endplate correction") {
  const auto rules = train::fit_endplate_rules(known_bodies(2000), 1e-9);
  CHECK(rules[0].weight_deg[3] == Approx(20).margin(0.1));
  CHECK(rules[0].weight_deg[40] == Approx(-10).margin(0.1));
  CHECK(rules[0].weight_deg[10] == Approx(0).margin(0.1));
  CHECK(rules[1].weight_deg[25] == Approx(15).margin(0.2));
  const auto fresh = known_bodies(300);
  CHECK(train::mean_residual_deg(fresh, 0, {}) > 0.3);
  CHECK(train::mean_residual_deg(fresh, 0, rules[0]) < 0.02);

  const auto shy = train::fit_endplate_rules(known_bodies(2000), 1.0);
  CHECK(std::abs(shy[0].weight_deg[3]) < 1);
  CHECK_THROWS_AS(train::fit_endplate_rules(known_bodies(20), 1e-5), Error);
}

TEST_CASE("samples are read from simulated truth, five bodies per film") {
  const test::TempDir folder;
  sim::FilmSetOptions films;
  films.output = folder / "films";
  films.count = 2;
  films.first_seed = 11;
  films.simulate.height_px = 900;
  sim::write_film_set(films);
  const auto samples = train::endplate_samples(folder / "films" / "truth");
  REQUIRE(samples.size() == 10);
  CHECK(train::mean_residual_deg(samples, 0, {}) < 3);
  CHECK(train::mean_residual_deg(samples, 1, {}) > 0);
}

TEST_CASE("rules are written as source with their origin") {
  train::EndplateRule rule;
  rule.weight_deg[0] = 0.25;
  const std::string text = train::endplate_rules_source({rule, rule}, "seeds 1-2");
  CHECK(text.find("// Generated: seeds 1-2\n") != std::string::npos);
  CHECK(text.find("constexpr ContourProfile kSuperiorTurn{0.25, 0,") != std::string::npos);
  CHECK(text.find("kInferiorTurn") != std::string::npos);
}
