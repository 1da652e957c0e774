#include "spine/sim/fields.h"

#include <cmath>

#include "support/catch.h"

using namespace spine::sim;

namespace {

double mean_of(const cv::Mat& field) { return cv::mean(field)[0]; }

double deviation_of(const cv::Mat& field) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(field, mean, deviation);
  return deviation[0];
}

}  // namespace

TEST_CASE("fast_exp and fast_log agree with the library") {
  for (double x = -80; x < 80; x += 0.37) {
    const auto f = static_cast<float>(x);
    CHECK(std::abs(fast_exp(f) / std::exp(static_cast<double>(f)) - 1) < 1e-5);
  }
  for (double x = 1e-9; x < 1e9; x *= 1.31) {
    const auto f = static_cast<float>(x);
    CHECK(std::abs(fast_log(f) - std::log(static_cast<double>(f))) < 2e-5);
  }
}

TEST_CASE("a blur preserves constant fields and turns a point into a Gaussian") {
  for (const double sigma : {0.5, 2.0, 7.0, 20.0}) {
    const cv::Mat flat(101, 121, CV_32FC1, cv::Scalar(3));
    CHECK(cv::norm(blur(flat, sigma), flat, cv::NORM_INF) < 1e-4);
    cv::Mat point = cv::Mat::zeros(201, 201, CV_32FC1);
    point.at<float>(100, 100) = 1000;
    const cv::Mat spread = blur(point, sigma);
    double sum = 0, moment = 0;
    for (int x = 0; x < 201; ++x) {
      for (int y = 0; y < 201; ++y) {
        sum += spread.at<float>(y, x);
        moment += spread.at<float>(y, x) * (x - 100.0) * (x - 100.0);
      }
    }
    CHECK(std::abs(sum - 1000) < 5);
    CHECK(std::abs(std::sqrt(moment / sum) - sigma) < 0.12 * sigma + 0.05);
  }
}

TEST_CASE("enlarging block means of a ramp restores the ramp inside") {
  cv::Mat ramp(60, 80, CV_32FC1);
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) ramp.at<float>(y, x) = static_cast<float>(2 * x + y);
  }
  const cv::Mat back = enlarge(shrink(ramp, 5), 5, ramp.size());
  const cv::Rect inside(5, 5, 70, 50);
  CHECK(cv::norm(back(inside), ramp(inside), cv::NORM_INF) < 1e-3);
}

TEST_CASE("noise has the stated mean and variance at any correlation") {
  Rng rng(3);
  for (const double sigma : {0.0, 0.6, 1.4, 4.0}) {
    const cv::Mat noise = smooth_noise({400, 400}, sigma, rng);
    CHECK(std::abs(mean_of(noise)) < 0.08);
    CHECK(std::abs(deviation_of(noise) - 1) < 0.15);
  }
}

TEST_CASE("quantiles of 0..100") {
  std::vector<float> values;
  for (int i = 0; i <= 100; ++i) values.push_back(static_cast<float>((i * 37) % 101));
  const auto found = quantiles(values, {0.0, 0.25, 0.5, 1.0});
  CHECK(found == std::vector<float>{0, 25, 50, 100});
}
