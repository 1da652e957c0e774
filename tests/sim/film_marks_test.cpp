#include "spine/sim/film_marks.h"

#include "phantom.h"
#include "support/catch.h"

using namespace spine;
using namespace spine::sim;

TEST_CASE("without collimation and markers only compression changes a film") {
  const PathLengthProjections paths =
      project(test::sphere_anatomy(), {}, nullptr, test::plain_view(), 200);
  cv::Mat film(paths.structures.size(), CV_32FC1, cv::Scalar(0.5));
  Rng rng(4);
  const cv::Mat open = add_film_marks(film, paths, {false, false, 0.0}, rng);
  CHECK(cv::countNonZero(open) == static_cast<int>(open.total()));
  double low = 0, high = 0;
  cv::minMaxLoc(film, &low, &high);
  CHECK(low == 0.5);
  CHECK(high == 0.5);
}

TEST_CASE("markers change the film and hide little") {
  const PathLengthProjections paths =
      project(test::sphere_anatomy(), {}, nullptr, test::plain_view(), 400);
  int marked = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    cv::Mat film(paths.structures.size(), CV_32FC1, cv::Scalar(0.25));
    Rng rng(seed);
    add_film_marks(film, paths, {false, true, 0.0}, rng);
    cv::Mat changed = film != 0.25F;
    const double share = cv::countNonZero(changed) / static_cast<double>(film.total());
    marked += share > 0 ? 1 : 0;
    CHECK(share < 0.08);
  }
  CHECK(marked >= 7);
}

TEST_CASE("compression loses little at high quality and more at low") {
  cv::Mat film(64, 64, CV_32FC1);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      film.at<float>(y, x) = 0.5F + 0.2F * static_cast<float>(((x / 3) + (y / 5)) % 2);
    }
  }
  cv::Mat good = film.clone(), poor = film.clone();
  compress_like_jpeg(good, 98);
  compress_like_jpeg(poor, 10);
  const double good_error = cv::norm(good, film, cv::NORM_L1) / 4096;
  const double poor_error = cv::norm(poor, film, cv::NORM_L1) / 4096;
  CHECK(good_error < 0.01);
  CHECK(poor_error > 2 * good_error);
}
