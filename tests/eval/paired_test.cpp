#include "spine/eval/paired.h"

#include "support/catch.h"

using namespace spine;

namespace {

/// Studies "s0", "s1", ... with given errors of SS, and L1's Dice one hundredth of it below 1.
Evaluation evaluation_of(const std::vector<double>& errors) {
  Evaluation evaluation;
  evaluation.has_masks = true;
  MetricEvaluation metric{"SS", "deg", {}, {}, {}};
  for (std::size_t i = 0; i < errors.size(); ++i) {
    StudyEvaluation study;
    study.study = "s" + std::to_string(i);
    study.dice[index(Structure::L1)] = 1 - errors[i] / 100;
    evaluation.studies.push_back(study);
    metric.studies.push_back(study.study);
    metric.pairs.push_back({40, 40 - errors[i]});
  }
  evaluation.metrics.push_back(metric);
  return evaluation;
}

const PairedComparison& row_of(const std::vector<PairedComparison>& rows, std::string_view name) {
  for (const auto& row : rows) {
    if (row.quantity == name) return row;
  }
  FAIL("no row " << std::string(name));
  return rows.front();
}

}  // namespace

TEST_CASE("Two methods are compared on the films that both have") {
  Evaluation first = evaluation_of({1, 2, 3, 4, 5, 6});
  const Evaluation second = evaluation_of({0.5, 1, 1.5, 2, 2.5, 3});
  first.metrics[0].pairs[5].predicted.reset();
  const auto rows = compare_methods(first, second);
  const auto& error = row_of(rows, "MAE SS");
  CHECK(error.films == 5);
  CHECK(error.first == Approx(3));
  CHECK(error.second == Approx(1.5));
  REQUIRE(error.test);
  CHECK(error.test->difference.value == Approx(-1.5));
  CHECK(error.test->difference.high < 0);
  CHECK(error.test->p < 0.01);
  const auto& dice = row_of(rows, "Dice L1");
  CHECK(dice.films == 6);
  CHECK(dice.test->difference.low > 0);
  CHECK(row_of(rows, "Dice L2").films == 0);
}

TEST_CASE("A patient with many films counts once") {
  const Evaluation first = evaluation_of({1, 1, 1, 1, 2, 3});
  const Evaluation second = evaluation_of({2, 2, 2, 2, 2, 3});
  Strata patients{"patient", {{"s0", "p"}, {"s1", "p"}, {"s2", "p"}, {"s3", "p"}}};
  const auto row = row_of(compare_methods(first, second, patients), "MAE SS");
  CHECK(row.films == 6);
  CHECK(row.test->patients == 3);
  CHECK(row.first == Approx(2));
  CHECK(row.second == Approx(7.0 / 3));
  CHECK(row.test->difference.value == Approx(1.0 / 3));
}

TEST_CASE("Too few patients are reported") {
  const auto rows = compare_methods(evaluation_of({1, 2}), evaluation_of({2, 3}));
  CHECK(!row_of(rows, "MAE SS").test);
  CHECK(paired_table(rows).to_markdown().find("not enough cases") != std::string::npos);
}
