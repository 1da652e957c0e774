#include "spine/core/dice.h"

#include <string>

#include "spine/core/error.h"
#include "spine/core/size_text.h"

namespace spine {

namespace {

int pixel_count(const cv::Mat& mask) { return mask.empty() ? 0 : cv::countNonZero(mask); }

/// @param where  relative to the film
cv::Mat part_of(const MaskCrop& crop, cv::Rect where) {
  return crop.pixels(where - crop.box.tl()) != 0;
}

void check_sizes(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() == b.size()) return;
  throw Error(ErrorKind::internal, "compare masks: expected equal sizes, got " +
                                       size_text(a.size()) + " and " + size_text(b.size()));
}

}  // namespace

std::optional<double> dice(const MaskCrop& predicted, const MaskCrop& truth) {
  const int sum = pixel_count(predicted.pixels) + pixel_count(truth.pixels);
  if (sum == 0) return std::nullopt;
  const cv::Rect both = predicted.box & truth.box;
  if (both.empty()) return 0;
  const cv::Mat common = part_of(predicted, both) & part_of(truth, both);
  return 2.0 * cv::countNonZero(common) / sum;
}

std::optional<double> dice(const cv::Mat& predicted, const cv::Mat& truth) {
  check_sizes(predicted, truth);
  const cv::Rect whole({}, predicted.size());
  return dice(MaskCrop{whole, predicted}, MaskCrop{whole, truth});
}

}  // namespace spine
