#include "spine/core/mask_stack.h"

#include <string>
#include <utility>

#include "spine/core/error.h"

namespace spine {

MaskStack::MaskStack(cv::Size size) {
  for (auto& mask : masks_) mask = cv::Mat::zeros(size, CV_8UC1);
}

void MaskStack::set(Structure s, const cv::Mat& mask) {
  if (mask.type() != CV_8UC1 || mask.size() != size()) {
    throw Error(ErrorKind::internal,
                "mask " + std::string(to_string(s)) + ": expected 8-bit " +
                    std::to_string(size().width) + "x" + std::to_string(size().height) + ", got " +
                    cv::typeToString(mask.type()) + " " + std::to_string(mask.cols) + "x" +
                    std::to_string(mask.rows));
  }
  // A fresh array: copies of this stack share the old one.
  cv::Mat fresh = mask != 0;
  masks_[index(s)] = std::move(fresh);
}

bool MaskStack::has(Structure s) const {
  return !masks_[index(s)].empty() && cv::countNonZero(masks_[index(s)]) > 0;
}

}  // namespace spine
