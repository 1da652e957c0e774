#include "spine/core/statistics.h"

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.h"

using spine::median;
using spine::quantile;

TEST_CASE("The median of an even number of values is the greater of the middle two") {
  std::vector<double> odd{5, 1, 3}, even{4, 1, 3, 2}, none;
  CHECK(median(odd) == 3);
  CHECK(median(even) == 3);
  CHECK(median(none) == 0);
}

TEST_CASE("Quantiles are values of the list") {
  std::vector<float> values{40, 10, 30, 20};
  CHECK(quantile(values, 0) == 10);
  CHECK(quantile(values, 0.5) == 20);
  CHECK(quantile(values, 0.99) == 30);
  CHECK(quantile(values, 1) == 40);
  std::vector<float> none;
  CHECK(quantile(none, 0.5) == 0);
}

TEST_CASE("The sigmoid is the logistic function of every element") {
  const cv::Mat logits = (cv::Mat_<float>(2, 3) << -100, -2, -0.5, 0, 1, 100);
  const cv::Mat given = spine::sigmoid(logits);
  REQUIRE(given.type() == CV_32FC1);
  REQUIRE(given.size() == logits.size());
  for (int i = 0; i < 6; ++i) {
    const double expected = 1 / (1 + std::exp(-logits.at<float>(i / 3, i % 3)));
    CHECK(given.at<float>(i / 3, i % 3) == Approx(expected).margin(1e-7));
  }
  CHECK(logits.at<float>(1, 2) == 100);
}

TEST_CASE("The sigmoid is 0 and 1 at infinite logits") {
  const float most = std::numeric_limits<float>::infinity();
  const cv::Mat given = spine::sigmoid((cv::Mat_<float>(1, 2) << -most, most));
  CHECK(given.at<float>(0, 0) == 0);
  CHECK(given.at<float>(0, 1) == 1);
}
