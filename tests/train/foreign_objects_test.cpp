#include "spine/train/foreign_objects.h"

#include "support/catch.h"

using namespace spine;
using train::with_foreign_objects;

TEST_CASE("foreign objects only brighten a film") {
  const cv::Mat film(160, 120, CV_32FC1, cv::Scalar(0.4));
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const cv::Mat shown = with_foreign_objects(film, sim::Rng(seed));
    REQUIRE(shown.size() == film.size());
    double low = 0, high = 0;
    cv::minMaxLoc(shown, &low, &high);
    CHECK(low >= 0.4F);
    CHECK(high <= 1);
    const double share = cv::countNonZero(shown > 0.45) / static_cast<double>(film.total());
    CHECK(share < 0.5);
    changed += share > 0 ? 1 : 0;
  }
  CHECK(changed >= 35);
}

TEST_CASE("foreign objects are determined by the seed") {
  const cv::Mat film(96, 96, CV_32FC1, cv::Scalar(0.3));
  const cv::Mat a = with_foreign_objects(film, sim::Rng(5));
  CHECK(cv::norm(a, with_foreign_objects(film, sim::Rng(5)), cv::NORM_INF) == 0);
  CHECK(cv::norm(a, with_foreign_objects(film, sim::Rng(6)), cv::NORM_INF) > 0.1);
  CHECK(cv::norm(film, cv::Mat(96, 96, CV_32FC1, cv::Scalar(0.3)), cv::NORM_INF) == 0);
}
