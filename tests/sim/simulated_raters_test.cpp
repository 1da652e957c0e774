#include "spine/sim/simulated_raters.h"

#include <cmath>
#include <sstream>

#include "support/catch.h"
#include "support/synthetic_spine.h"

#include "spine/stages/measure/measure.h"

using namespace spine;
using namespace spine::sim;

namespace {

double value_of(const Landmarks& landmarks, const Spacing& spacing, const std::string& name) {
  MeasureOptions options;
  options.spacing = spacing;
  return measure(landmarks, options).find(name)->value.value();
}

}  // namespace

TEST_CASE("Simulated raters have reported standard errors of measurement") {
  const auto spine = test::random_spine(3);
  const Landmarks truth = test::true_landmarks(spine);
  const Spacing spacing = test::true_spacing(spine);
  struct Reported {
    const char* name;
    double low, high;
  };
  for (const Reported& reported : {Reported{"PT", 0.8, 3.1}, {"SS", 2.0, 2.9}, {"PI", 2.0, 4.7}}) {
    const double true_value = value_of(truth, spacing, reported.name);
    double squares = 0;
    constexpr int kFilms = 400;
    for (int i = 0; i < kFilms; ++i) {
      // Every other rater: systematic deviations contribute to the difference.
      const Landmarks read = read_landmarks_as(truth, spacing, "f" + std::to_string(i), i, 0);
      squares += std::pow(value_of(read, spacing, reported.name) - true_value, 2);
    }
    CAPTURE(reported.name);
    CHECK(std::sqrt(squares / kFilms) > reported.low);
    CHECK(std::sqrt(squares / kFilms) < reported.high);
  }
}

TEST_CASE("Landmarks of a rater are reproducible and differ between sessions") {
  const auto spine = test::random_spine(4);
  const Landmarks truth = test::true_landmarks(spine);
  const Spacing spacing = test::true_spacing(spine);
  const auto read = [&](int rater, int session) {
    return value_of(read_landmarks_as(truth, spacing, "f", rater, session), spacing, "LL");
  };
  CHECK(read(0, 0) == read(0, 0));
  CHECK(read(0, 0) != read(0, 1));
  CHECK(read(0, 0) != read(1, 0));
}

TEST_CASE("Readings are rows of case, rater, session, parameter and value") {
  const auto spine = test::random_spine(5);
  std::istringstream rows(
      readings_of(test::true_landmarks(spine), test::true_spacing(spine), "f", 2, 3));
  int count = 0;
  for (std::string row; std::getline(rows, row); ++count) CHECK(row.rfind("f,", 0) == 0);
  CHECK(count == 2 * 3 * 8);
}
