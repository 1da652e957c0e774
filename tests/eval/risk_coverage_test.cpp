#include "spine/eval/risk_coverage.h"

#include "support/catch.h"
#include "support/near.h"

#include "spine/util/csv.h"

using namespace spine;
using test::near;

namespace {

/// Ten films whose errors are 1 ... 10 degrees.
Evaluation ten_films(bool honest) {
  MetricEvaluation metric{"SS", "deg", {}, {}, {}};
  for (int i = 1; i <= 10; ++i) {
    const double error = i % 2 == 0 ? i : -i;
    metric.pairs.push_back({40, 40 + error, honest ? i : 11 - i});
    metric.studies.push_back("s" + std::to_string(i));
  }
  metric.pairs.push_back({40, std::nullopt});
  metric.pairs.push_back({40, 140.0});  // without a standard error
  metric.studies.insert(metric.studies.end(), {"none", "unknown"});
  Evaluation evaluation;
  evaluation.metrics = {metric, {"slip_L1_L2", "%", {{1, 2.0, 1.0}}, {"s1"}, {}}};
  return evaluation;
}

}  // namespace

TEST_CASE("rejecting films by correct standard errors reduces the error") {
  const auto rows = risk_coverage(ten_films(true));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "SS");
  CHECK(rows[0].films == 10);
  CHECK(rows[0].mean_absolute.front() == near(5.5));
  CHECK(rows[0].mean_absolute.back() == near(3));
  CHECK(rows[0].best.back() == near(3));
}

TEST_CASE("inverse standard errors increase the error") {
  const auto rows = risk_coverage(ten_films(false));
  CHECK(rows.at(0).mean_absolute.front() == near(5.5));
  CHECK(rows.at(0).mean_absolute.back() == near(8));
  CHECK(rows.at(0).best.back() == near(3));
}

TEST_CASE("risk-coverage is a table, or empty") {
  const auto rows = risk_coverage(ten_films(true));
  CHECK(risk_coverage_markdown(rows).find("| SS ") != std::string::npos);
  const auto csv = parse_csv(risk_coverage_csv(rows));
  REQUIRE(csv.size() == 1 + kCoverages.size());
  CHECK(csv.back().cells ==
        std::vector<std::string>{"SS", "deg", "10", "0.50", "3.0000", "3.0000"});
  CHECK(risk_coverage(Evaluation{}).empty());
  CHECK(risk_coverage_markdown({}).empty());
}
