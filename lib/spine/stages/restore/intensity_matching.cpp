#include "spine/stages/restore/intensity_matching.h"

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

/// `reconstruction` with the weighted local gain and offset applied; gains are limited to 0.3 ... 3
/// and tend to 1 where `reconstruction` is flat.
cv::Mat fit(const cv::Mat& reconstruction, const cv::Mat& film, const cv::Mat& weight, int window) {
  constexpr double kFlat = 3e-4;  // variance at which the gain is halfway to 1
  const cv::Size size(window, window);
  const auto mean = [&](const cv::Mat& values) {
    cv::Mat result;
    cv::blur(values, result, size, {-1, -1}, cv::BORDER_REPLICATE);
    return result;
  };
  const cv::Mat total = mean(weight) + 1e-6;
  const auto weighted = [&](const cv::Mat& values) -> cv::Mat {
    return mean(values.mul(weight)) / total;
  };
  const cv::Mat mean_reconstruction = weighted(reconstruction);
  const cv::Mat mean_film = weighted(film);
  const cv::Mat variance =
      weighted(reconstruction.mul(reconstruction)) - mean_reconstruction.mul(mean_reconstruction);
  const cv::Mat covariance =
      weighted(reconstruction.mul(film)) - mean_reconstruction.mul(mean_film);
  cv::Mat gain = (covariance + kFlat) / (variance + kFlat);
  gain = cv::min(cv::max(gain, 0.3), 3.0);
  const cv::Mat offset = mean_film - gain.mul(mean_reconstruction);
  return mean(gain).mul(reconstruction) + mean(offset);
}

}  // namespace

cv::Mat match_intensity(const cv::Mat& reconstruction, const cv::Mat& film, const cv::Rect& content,
                        int window) {
  constexpr double kOutlier = 2.0;  // outlier limit, mean absolute differences
  const cv::Mat source = reconstruction(content);
  const cv::Mat target = film(content);
  cv::Mat weight(source.size(), CV_32FC1, cv::Scalar(1));
  cv::Mat matched;
  for (int pass = 0; pass < 3; ++pass) {
    matched = fit(source, target, weight, window);
    const cv::Mat difference = cv::abs(target - matched);
    const cv::Mat near = difference < kOutlier * cv::mean(difference)[0] + 0.01;
    near.convertTo(weight, CV_32F, 1.0 / 255.0);
  }
  cv::Mat result = cv::Mat::zeros(reconstruction.size(), CV_32FC1);
  matched.copyTo(result(content));
  return result;
}

}  // namespace spine
