#include "spine/core/image.h"

#include "support/catch.h"
#include "support/near.h"

#include "spine/core/error.h"

using namespace spine;

TEST_CASE("An image owns its pixels") {
  cv::Mat pixels(4, 6, CV_16UC1, cv::Scalar(1000));
  FilmInfo info;
  info.spacing = Spacing{0.2, 0.1};
  const Image image(pixels, info);
  pixels.setTo(7);
  CHECK(image.pixels().at<unsigned short>(2, 3) == 1000);
  CHECK(image.size() == cv::Size(6, 4));
  CHECK(image.max_value() == 65535);
  CHECK(image.info().spacing == Spacing{0.2, 0.1});
}

TEST_CASE("Only grey images of 8 or 16 bits are accepted") {
  CHECK(Image(cv::Mat(2, 2, CV_8UC1, cv::Scalar(1))).max_value() == 255);
  CHECK_THROWS_AS(Image(cv::Mat()), Error);
  CHECK_THROWS_AS(Image(cv::Mat(2, 2, CV_8UC3, cv::Scalar(1))), Error);
  CHECK_THROWS_AS(Image(cv::Mat(2, 2, CV_32FC1, cv::Scalar(1))), Error);
}

TEST_CASE("Spacing sources have the names written to files") {
  CHECK(to_string(SpacingSource::override_value) == "override");
  CHECK(to_string(SpacingSource::none) == "none");
}
