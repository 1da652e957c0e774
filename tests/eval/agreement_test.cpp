#include "spine/eval/agreement.h"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.h"

using namespace spine;

namespace {

// Shrout & Fleiss 1979, table 2: six subjects, four judges.
const Ratings kShroutFleiss{{9, 2, 5, 8}, {6, 1, 3, 2},  {8, 4, 6, 8},
                            {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}};

}  // namespace

TEST_CASE("Intraclass correlations match the table of Shrout and Fleiss") {
  const auto agreement = agreement_of(kShroutFleiss);
  REQUIRE(agreement);
  CHECK(agreement->subjects == 6);
  CHECK(agreement->raters == 4);
  // .29 and .71 in the paper; more digits and the intervals from R's psych::ICC.
  CHECK(agreement->icc_2_1.value == Approx(0.2897638).margin(1e-6));
  CHECK(agreement->icc_2_1.low == Approx(0.0187865).margin(1e-4));
  CHECK(agreement->icc_2_1.high == Approx(0.7610844).margin(1e-4));
  CHECK(agreement->icc_3_1.value == Approx(0.7148407).margin(1e-6));
  CHECK(agreement->icc_3_1.low == Approx(0.3424648).margin(1e-4));
  CHECK(agreement->icc_3_1.high == Approx(0.9458583).margin(1e-4));
  CHECK(agreement->sem == Approx(std::sqrt(1.0194444)).margin(1e-6));
  CHECK(agreement->sdc == Approx(1.96 * std::sqrt(2 * 1.0194444)).margin(1e-6));
}

TEST_CASE("The bias of a rater reduces absolute agreement but not consistency") {
  Ratings shifted = kShroutFleiss;
  for (auto& row : shifted) row[1] += 20;
  const auto before = agreement_of(kShroutFleiss), after = agreement_of(shifted);
  CHECK(after->icc_3_1.value == Approx(before->icc_3_1.value));
  CHECK(after->icc_2_1.value < 0.5 * before->icc_2_1.value);
}

TEST_CASE("Raters in full agreement have a correlation of one") {
  const auto agreement = agreement_of({{1, 1}, {2, 2}, {5, 5}});
  REQUIRE(agreement);
  CHECK(agreement->icc_2_1.value == Approx(1));
  CHECK(agreement->icc_3_1.value == Approx(1));
  CHECK(agreement->icc_2_1.low > 0.999);
  CHECK(agreement->sem == Approx(0).margin(1e-9));
}

TEST_CASE("Statistics that cannot be computed are nullopt") {
  CHECK(!agreement_of({}));
  CHECK(!agreement_of({{1, 2}, {2, 3}}));
  CHECK(!agreement_of({{1}, {2}, {3}}));
  CHECK(!agreement_of({{1, 2}, {1, 2}, {1, 2}}));
  CHECK(!pearson_of({1, 2, 3}, {1, 2, 3}));
  CHECK(!pearson_of({1, 1, 1, 1}, {1, 2, 3, 4}));
  CHECK(!bland_altman_of({1, 2}, {1, 2}));
  CHECK(!bland_altman_of({1, 2, 3}, {1, 2}));
  CHECK(!paired_bootstrap({1, 2}, {1, 2}));
}

TEST_CASE("Pearson's r has Fisher's interval") {
  // r by scipy.stats.pearsonr
  const auto r = pearson_of({1, 2, 3, 4, 5, 6}, {2, 1, 4, 3, 7, 5});
  REQUIRE(r);
  CHECK(r->value == Approx(0.7917947).margin(1e-6));
  CHECK(r->low == Approx(std::tanh(std::atanh(0.7917947) - 1.96 / std::sqrt(3.0))).margin(1e-6));
  CHECK(r->high == Approx(std::tanh(std::atanh(0.7917947) + 1.96 / std::sqrt(3.0))).margin(1e-6));
}

TEST_CASE("Bland and Altman's limits and their intervals") {
  const auto result = bland_altman_of({10, 20, 30, 40, 50}, {11, 19, 32, 41, 53});
  REQUIRE(result);
  // Differences 1, -1, 2, 1, 3: mean 1.2, SD 1.483240; t(4) = 2.776445.
  CHECK(result->bias.value == Approx(1.2));
  CHECK(result->sd == Approx(1.4832397).margin(1e-6));
  CHECK(result->bias.low == Approx(1.2 - 2.776445 * 1.4832397 / std::sqrt(5.0)).margin(1e-5));
  CHECK(result->limit_high.value == Approx(1.2 + 1.96 * 1.4832397).margin(1e-5));
  const double width = 2.776445 * 1.4832397 * std::sqrt(1.0 / 5 + 1.96 * 1.96 / 8);
  CHECK(result->limit_low.low == Approx(1.2 - 1.96 * 1.4832397 - width).margin(1e-4));
}

TEST_CASE("The bootstrap detects a paired difference") {
  std::vector<double> a, better, same;
  for (int i = 0; i < 60; ++i) {
    const double noise = std::sin(12.9898 * i) * 3;
    a.push_back(5 + noise);
    better.push_back(4 + 0.8 * noise + std::cos(78.233 * i));
    same.push_back(5 + noise + 0.5 * std::cos(4.1 * i));
  }
  const auto clear = paired_bootstrap(a, better);
  REQUIRE(clear);
  CHECK(clear->patients == 60);
  CHECK(clear->difference.value < -0.8);
  CHECK(clear->difference.high < 0);
  CHECK(clear->difference.low < clear->difference.value);
  CHECK(clear->p < 0.001);
  const auto none = paired_bootstrap(a, same);
  CHECK(none->p > 0.05);
  CHECK(none->difference.low < 0);
  CHECK(none->difference.high > 0);
  CHECK(paired_bootstrap(a, better)->difference.low == clear->difference.low);
}

TEST_CASE("The reason for missing agreement is given") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(why_no_agreement(kShroutFleiss).empty());
  CHECK(why_no_agreement({}) == "not enough cases");
  CHECK(why_no_agreement({{1, 2}, {2, 3}}) == "not enough cases");
  CHECK(why_no_agreement({{1}, {2}, {3}}) == "not enough raters");
  CHECK(why_no_agreement({{1, 2}, {1, 2}, {1, 2}}) == "no differences between cases");
  CHECK(why_no_agreement({{1, 2}, {1}, {1, 2}}) == "ratings are missing");
  CHECK(why_no_agreement({{1, 2}, {1, kNan}, {1, 2}}) == "ratings that are not finite");
  CHECK(why_no_agreement({{1, 2}, {1, kInfinity}, {1, 2}}) == "ratings that are not finite");
  CHECK(why_no_agreement({{1e300, 2}, {1, 2}, {1, 5}}) == "ratings that are too large");
  // Equal ratings differ by rounding errors only.
  CHECK(why_no_agreement({{0.1, 0.1, 0.3}, {0.1, 0.1, 0.3}, {0.1, 0.1, 0.3}}) ==
        "no differences between cases");
  CHECK_FALSE(pearson_of({1, 2, 3, kNan}, {1, 2, 3, 4}));
  CHECK_FALSE(pearson_of({0.1, 0.1, 0.1, 0.1}, {1, 2, 3, 4}));
  CHECK_FALSE(bland_altman_of({1, 2, kNan}, {1, 2, 3}));
  CHECK_FALSE(bland_altman_of({1, 2, -kInfinity}, {1, 2, 3}));
  CHECK_FALSE(paired_bootstrap({1, 2, kNan}, {1, 2, 3}));
}

TEST_CASE("Without degrees of freedom there is a value but no interval") {
  // Satterthwaite's degrees of freedom vanish with the differences between the subjects' means.
  for (const double small : {1e-3, 1e-6, 1e-9, 1e-12}) {
    INFO(small);
    const auto agreement = agreement_of({{0, 10}, {4, 6}, {2 + small, 8 + small}});
    REQUIRE(agreement);
    CHECK(std::isfinite(agreement->icc_2_1.value));
    CHECK_FALSE(has_interval(agreement->icc_2_1));
    CHECK(agreement->icc_3_1.value < -0.9);
    CHECK(has_interval(agreement->icc_3_1));
  }
}

TEST_CASE("Small random tables never throw, and give values within bounds or none") {
  std::mt19937 engine(7);
  const auto pick = [&](int count) {
    return static_cast<int>(engine() % static_cast<unsigned>(count));
  };
  int computed = 0, intervals = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::size_t subjects = static_cast<std::size_t>(pick(6));
    const std::size_t raters = static_cast<std::size_t>(1 + pick(4));
    const int levels = 1 + pick(4);  // few: equal rows, equal raters, all the same
    const double scale = std::pow(10.0, pick(13) - 6);
    Ratings ratings(subjects, std::vector<double>(raters));
    for (auto& row : ratings) {
      for (double& rating : row) rating = scale * (pick(levels) - 0.3);
    }
    if (pick(50) == 0 && subjects > 0) ratings[0][0] = std::nan("");
    const auto agreement = agreement_of(ratings);
    CHECK(agreement.has_value() == why_no_agreement(ratings).empty());
    if (!agreement) continue;
    ++computed;
    for (const Estimate& icc : {agreement->icc_2_1, agreement->icc_3_1}) {
      REQUIRE(std::isfinite(icc.value));
      CHECK(icc.value <= 1 + 1e-9);
      CHECK(std::isfinite(icc.low) == std::isfinite(icc.high));
      intervals += has_interval(icc) ? 1 : 0;
    }
    CHECK(agreement->sem >= 0);
    CHECK(std::isfinite(agreement->sdc));
    std::vector<double> first, second;
    for (const auto& row : ratings) {
      first.push_back(row.front());
      second.push_back(row.back());
    }
    const auto limits = bland_altman_of(first, second);
    REQUIRE(limits);
    CHECK(std::isfinite(limits->limit_high.high));
    if (const auto r = pearson_of(first, second)) CHECK(std::abs(r->value) <= 1);
  }
  CHECK(computed > 3'000);
  CHECK(intervals > computed);
}
