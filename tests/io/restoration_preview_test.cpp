#include "spine/io/restoration_preview.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("a preview shows five pictures side by side, the difference brightened") {
  const cv::Mat film(64, 64, CV_32FC1, cv::Scalar(0.8));
  const cv::Mat drawn(64, 64, CV_32FC1, cv::Scalar(0.6));
  const cv::Mat difference(64, 64, CV_32FC1, cv::Scalar(0.2));
  cv::Mat pixels(128, 128, CV_16UC1, cv::Scalar(20000));
  pixels.rowRange(0, 40) = 10000;
  const cv::Mat mask(128, 128, CV_8UC1, cv::Scalar(255));
  const cv::Mat preview = draw_restoration_preview(film, drawn, difference, mask, Image(pixels));
  REQUIRE(preview.type() == CV_8UC1);
  CHECK(preview.rows > 512);
  CHECK(preview.cols == 5 * 512);
  const double expected[] = {0.8, 0.6, 0.6, 1.0, 1.0};  // the restored film has its own range
  for (int i = 0; i < 5; ++i) {
    INFO(i);
    CHECK(preview.at<std::uint8_t>(preview.rows / 2, i * 512 + 256) / 255.0 ==
          Approx(expected[i]).margin(0.01));
  }
}
