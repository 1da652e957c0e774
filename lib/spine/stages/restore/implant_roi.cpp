#include "spine/stages/restore/implant_roi.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/stages/preprocess/roi.h"

namespace spine {
namespace {

// Pixels of the fine square per pixel of the whole-film prediction: most films are 430 mm high, so
// that a whole-film prediction of 192 pixels has 2.2 mm per pixel.
constexpr double kMagnification = 2.25;
constexpr double kOverlap = 0.15;  // of a window's side, at least
// Surroundings of an implant, relative to the whole-film square's side: about 25 mm.
constexpr double kNear = 0.06;

/// First pixels of as few windows as cover a range with the overlap, evenly spaced.
std::vector<int> starts(int first, int length, int window) {
  if (length <= window) return {first + (length - window) / 2};
  const double step = (1 - kOverlap) * window;
  const int gaps = static_cast<int>(std::ceil((length - window) / step));
  std::vector<int> result;
  for (int i = 0; i <= gaps; ++i) {
    result.push_back(first + cvRound(static_cast<double>(i) * (length - window) / gaps));
  }
  return result;
}

}  // namespace

ImplantRoi plan_implant_roi(const Letterbox& first, const std::optional<Spacing>& spacing,
                            const cv::Mat& implants, int net_size) {
  ImplantRoi roi;
  const int fine = std::max(net_size, cvRound(kMagnification * first.net));
  roi.box = letterbox(first.film, spacing, fine);
  const int reach = std::max(1, cvRound(kNear * first.net));
  cv::Mat near;
  cv::dilate(implants, near, cv::Mat::ones(2 * reach + 1, 2 * reach + 1, CV_8U));
  cv::Mat large;
  cv::warpAffine(near, large, net_to_net(first, roi.box), {fine, fine}, cv::INTER_NEAREST);
  const cv::Rect shown = cv::boundingRect(large) & roi.box.content();
  if (shown.empty()) return roi;
  const cv::Rect all({0, 0}, large.size());
  for (const int y : starts(shown.y, shown.height, net_size)) {
    for (const int x : starts(shown.x, shown.width, net_size)) {
      const cv::Rect window(std::clamp(x, 0, all.width - net_size),
                            std::clamp(y, 0, all.height - net_size), net_size, net_size);
      if (cv::countNonZero(large(window)) > 0) roi.windows.push_back(window);
    }
  }
  return roi;
}

std::vector<cv::Mat> implant_squares(const Image& film, const ImplantRoi& roi) {
  std::vector<cv::Mat> squares;
  if (roi.windows.empty()) return squares;
  const cv::Mat fine = to_square(film, roi.box);
  for (const cv::Rect& window : roi.windows) {
    squares.push_back(fine(window).clone());
    stretch_range(squares.back(), {{0, 0}, window.size()});
  }
  return squares;
}

cv::Mat merge_implant(const ImplantRoi& roi, const Letterbox& first, const cv::Mat& probability,
                      const std::vector<cv::Mat>& windows) {
  const cv::Size size(roi.box.net, roi.box.net);
  cv::Mat merged;
  cv::warpAffine(probability, merged, net_to_net(first, roi.box), size, cv::INTER_LINEAR);
  cv::Mat sum = cv::Mat::zeros(size, CV_32FC1);
  cv::Mat weights = cv::Mat::zeros(size, CV_32FC1);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const cv::Mat weight = window_weight(windows[i].cols);
    sum(roi.windows[i]) += windows[i].mul(weight);
    weights(roi.windows[i]) += weight;
  }
  cv::Mat(sum / weights).copyTo(merged, weights > 0);
  return merged;
}

}  // namespace spine
