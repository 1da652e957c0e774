#include "spine/core/mask_stack.h"

#include <string>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/size_text.h"

namespace spine {

MaskStack::MaskStack(cv::Size size) {
  const cv::Mat empty = cv::Mat::zeros(size, CV_8UC1);
  masks_.fill(empty);  // shared: masks are replaced, never modified
}

void MaskStack::require(Structure s, const cv::Mat& mask, const cv::Rect& place) const {
  const cv::Rect all({}, size());
  if (mask.type() == CV_8UC1 && mask.size() == place.size() && (place & all) == place) return;
  throw Error(ErrorKind::internal,
              "mask " + std::string(to_string(s)) + ": expected 8-bit " + size_text(place.size()) +
                  " inside " + size_text(all.size()) + ", got " + cv::typeToString(mask.type()) +
                  " " + size_text(mask.size()));
}

void MaskStack::set(Structure s, const cv::Mat& mask) {
  require(s, mask, {{}, size()});
  // A new array: copies of this stack share the old one.
  cv::Mat fresh = mask != 0;
  masks_[index(s)] = std::move(fresh);
  boxes_[index(s)] = cv::boundingRect(masks_[index(s)]);
}

void MaskStack::set(Structure s, const MaskCrop& crop) {
  if (crop.box.empty()) return clear(s);
  require(s, crop.pixels, crop.box);
  cv::Mat fresh = cv::Mat::zeros(size(), CV_8UC1);
  cv::compare(crop.pixels, 0, fresh(crop.box), cv::CMP_NE);
  masks_[index(s)] = std::move(fresh);
  const cv::Rect inside = cv::boundingRect(masks_[index(s)](crop.box));
  boxes_[index(s)] = inside.empty() ? cv::Rect() : inside + crop.box.tl();
}

void MaskStack::clear(Structure s) {
  if (!has(s)) return;
  masks_[index(s)] = cv::Mat::zeros(size(), CV_8UC1);
  boxes_[index(s)] = {};
}

void MaskStack::swap(Structure a, Structure b) noexcept {
  std::swap(masks_[index(a)], masks_[index(b)]);
  std::swap(boxes_[index(a)], boxes_[index(b)]);
}

}  // namespace spine
