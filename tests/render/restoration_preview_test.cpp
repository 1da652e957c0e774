#include "spine/render/restoration_preview.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("A preview shows five images side by side") {
  cv::Mat pixels(128, 128, CV_16UC1, cv::Scalar(20000));
  pixels.rowRange(0, 64) = 10000;
  const Image film(pixels);
  pixels.rowRange(64, 128) = 15000;
  const Image restored(pixels);
  const cv::Mat drawn(64, 64, CV_32FC1, cv::Scalar(0.6));
  const cv::Mat difference(64, 64, CV_32FC1, cv::Scalar(0.2));
  const cv::Mat mask(128, 128, CV_8UC1, cv::Scalar(255));
  const cv::Mat preview = draw_restoration_preview(film, drawn, difference, mask, restored);
  REQUIRE(preview.type() == CV_8UC1);
  CHECK(preview.rows > 512);
  CHECK(preview.cols == 5 * 512);
  // In the lower half: the film's brightest value, the reconstruction, the difference three times
  // as bright, the mask, and the restored film in the same greys as the film.
  const double expected[] = {1.0, 0.6, 0.6, 1.0, 0.5};
  for (int i = 0; i < 5; ++i) {
    INFO(i);
    CHECK(preview.at<std::uint8_t>(preview.rows - 100, i * 512 + 256) / 255.0 ==
          Approx(expected[i]).margin(0.01));
  }
}
