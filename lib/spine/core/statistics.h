#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

/// Half the width of a two-sided 90 % interval of the normal distribution, standard deviations.
constexpr double kWithin90 = 1.645;

/// The element of rank floor(`share` (n - 1)) in ascending order, without interpolation; 0 for an
/// empty list. Reorders the values, which must not be NaN.
/// @param share  0 (least) to 1 (greatest)
template <typename T>
T quantile(std::vector<T>& values, double share) {
  if (values.empty()) return T{};
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  const auto at = values.begin() + rank;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// The upper median: the element of rank n / 2 in ascending order, which of an even number of
/// values is the greater of the middle two; 0 for an empty list. Reorders the values, which must
/// not be NaN.
template <typename T>
T median(std::vector<T>& values) {
  if (values.empty()) return T{};
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Logistic function 1 / (1 + exp(-x)) of each element.
/// @param logits  CV_32F or CV_64F
cv::Mat sigmoid(const cv::Mat& logits);

}  // namespace spine
