#include "spine/infer/tensor_convert.h"

#include "support/catch.h"

#include "spine/core/error.h"

namespace {

cv::Mat ramp(int rows, int cols, float start) {
  cv::Mat plane(rows, cols, CV_32FC1);
  for (int i = 0; i < rows * cols; ++i) plane.at<float>(i / cols, i % cols) = start + i;
  return plane;
}

}  // namespace

TEST_CASE("Planes go to a tensor and back, by copy") {
  std::vector<std::vector<cv::Mat>> films{{ramp(2, 3, 0), ramp(2, 3, 10)},
                                          {ramp(2, 3, 20), ramp(2, 3, 30)}};
  const auto tensor = spine::tensor_from_planes(films);
  REQUIRE(tensor.sizes() == torch::IntArrayRef({2, 2, 2, 3}));
  films[0][0].setTo(-1);
  CHECK(tensor[0][0][1][2].item<float>() == 5);
  CHECK(tensor[1][0][0][1].item<float>() == 21);

  const auto back = spine::planes_from_tensor(tensor.contiguous(at::MemoryFormat::ChannelsLast));
  REQUIRE(back.size() == 2);
  REQUIRE(back[1].size() == 2);
  CHECK(back[1][1].at<float>(1, 2) == 35);
  tensor.zero_();
  CHECK(back[1][1].at<float>(1, 2) == 35);
}

TEST_CASE("A view into a larger image is read by its rows") {
  const cv::Mat large = ramp(4, 5, 0);
  const auto tensor = spine::tensor_from_planes({{large(cv::Rect(1, 1, 2, 2))}});
  CHECK(tensor[0][0][1][0].item<float>() == large.at<float>(2, 1));
}

TEST_CASE("Coverage becomes fractions") {
  cv::Mat plane(1, 2, CV_8UC1);
  plane.at<uchar>(0, 0) = 255;
  plane.at<uchar>(0, 1) = 51;
  const auto tensor = spine::tensor_from_coverage({{plane}});
  CHECK(tensor[0][0][0][0].item<float>() == Approx(1.0));
  CHECK(tensor[0][0][0][1].item<float>() == Approx(0.2));
}

TEST_CASE("Planes that do not fit together are refused") {
  CHECK_THROWS_AS(spine::tensor_from_planes({}), spine::Error);
  CHECK_THROWS_AS(spine::tensor_from_planes({{ramp(2, 2, 0), ramp(2, 3, 0)}}), spine::Error);
  CHECK_THROWS_AS(spine::tensor_from_planes({{ramp(2, 2, 0)}, {ramp(2, 2, 0), ramp(2, 2, 0)}}),
                  spine::Error);
  CHECK_THROWS_AS(spine::tensor_from_coverage({{ramp(2, 2, 0)}}), spine::Error);
  CHECK_THROWS_AS(spine::planes_from_tensor(torch::zeros({2, 2})), spine::Error);
}
