#include "spine/core/statistics.h"

namespace spine {

cv::Mat sigmoid(const cv::Mat& logits) {
  cv::Mat probability;
  cv::exp(-logits, probability);
  probability += 1.0;
  cv::divide(1.0, probability, probability);
  return probability;
}

}  // namespace spine
