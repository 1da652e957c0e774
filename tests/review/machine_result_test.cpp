#include "spine/review/machine_result.h"

#include <algorithm>

#include "review/results_folder.h"
#include "support/catch.h"
#include "support/near.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/review/review_file.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using nlohmann::json;

namespace {

bool has(const Measurements& measurements, const std::string& flag) {
  return std::find(measurements.qc.begin(), measurements.qc.end(), flag) != measurements.qc.end();
}

}  // namespace

TEST_CASE("landmarks that nobody moved have the recorded values") {
  const TempDir dir;
  const auto spine = random_spine(3);
  const auto written =
      write_study(dir / "case", true_landmarks(spine), true_spacing(spine), {"levels_uncertain"});
  const auto machine = read_machine_result(dir / "case", "case");
  CHECK(machine.film_sha256 == "abc");
  const auto values = measure_reading(machine, machine.landmarks);
  CHECK(values.find("PI")->value == near(*written.find("PI")->value, 5e-4));
  CHECK(values.find("SS")->standard_error == near(*written.find("SS")->standard_error, 5e-4));
  CHECK(values.qc == std::vector<std::string>{"levels_uncertain"});
}

TEST_CASE("a moved endplate changes its values and leaves the standard errors of the others") {
  const TempDir dir;
  const auto spine = random_spine(4);
  const Landmarks truth = true_landmarks(spine);
  write_study(dir / "case", truth, true_spacing(spine), {});
  const auto machine = read_machine_result(dir / "case", "case");
  Landmarks moved = truth;
  moved.s1->ant += cv::Point2d(0, 30);
  json landmarks = plain_landmarks(to_json(moved));
  const auto values = measure_reading(machine, landmarks);
  const auto expected = measure(moved, with(true_spacing(spine)));
  for (const char* name : {"PT", "SS", "PI", "LL", "segmental_L1_L2", "disc_height_L4_L5_mean"}) {
    CHECK(values.find(name)->value == near(*expected.find(name)->value, 1e-3));
  }
  CHECK(std::abs(*values.find("SS")->value - *machine.measurements.find("SS")->value) > 5);
  CHECK_FALSE(values.find("SS")->standard_error);
  CHECK_FALSE(values.find("LL")->standard_error);
  CHECK(values.find("segmental_L1_L2")->standard_error.has_value());
}

TEST_CASE("flags of an edited landmark are dropped, those of others are kept") {
  const TempDir dir;
  const auto spine = random_spine(5);
  const Landmarks truth = true_landmarks(spine);
  write_study(dir / "case", truth, true_spacing(spine),
              {"levels_uncertain", "unclear_L3", "uncertain_S1", "implant"});
  const auto machine = read_machine_result(dir / "case", "case");
  Landmarks moved = truth;
  moved.s1->ant += cv::Point2d(0, 2);
  const auto values = measure_reading(machine, plain_landmarks(to_json(moved)));
  CHECK_FALSE(has(values, "uncertain_S1"));
  CHECK(has(values, "unclear_L3"));
  CHECK(has(values, "levels_uncertain"));
  CHECK(has(values, "implant"));
}

TEST_CASE("a landmark that was removed leaves values missing, one that was added gives them") {
  const TempDir dir;
  const auto spine = random_spine(6);
  Landmarks truth = true_landmarks(spine);
  Landmarks found = truth;
  found.vertebrae[0].reset();
  write_study(dir / "case", found, true_spacing(spine), {});
  const auto machine = read_machine_result(dir / "case", "case");
  CHECK_FALSE(measure_reading(machine, machine.landmarks).find("LL")->value);
  CHECK(measure_reading(machine, plain_landmarks(to_json(truth))).find("LL")->value.has_value());
  truth.femoral_heads.clear();
  CHECK_FALSE(measure_reading(machine, plain_landmarks(to_json(truth))).find("PT")->value);
}

TEST_CASE("results that are missing or broken are named") {
  const TempDir dir;
  CHECK_THROWS_AS(read_machine_result(dir / "none", "none"), Error);
  const auto spine = random_spine(7);
  write_study(dir / "case", true_landmarks(spine), true_spacing(spine), {});
  write_json(dir / "case" / "measurements.json", {{"schema", "other"}});
  CHECK_THROWS_AS(read_machine_result(dir / "case", "case"), Error);
}
