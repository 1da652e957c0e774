#include "spine/stages/close_up.h"

#include <cmath>

#include <opencv2/imgproc.hpp>

namespace spine {

Blob blob_of(const cv::Mat& mask) {
  const cv::Moments m = cv::moments(mask, /*binaryImage=*/true);
  if (m.m00 <= 0) return {};
  return {m.m00, {m.m10 / m.m00, m.m01 / m.m00}};
}

std::optional<CloseUpView> close_up_view(const Blobs& blobs, std::size_t part, int net_size) {
  constexpr double kBodyPart = 0.172;
  double area = 0;
  int bodies = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (blobs[i].area <= 0) continue;
    area += blobs[i].area;
    ++bodies;
  }
  cv::Point2d sum;
  int found = 0;
  for (const Structure s : kCloseUpParts[part]) {
    if (blobs[index(s)].area <= 0) continue;
    sum += blobs[index(s)].center;
    ++found;
  }
  if (bodies == 0 || found == 0) return std::nullopt;
  return CloseUpView{sum / found, kBodyPart * net_size / std::sqrt(area / bodies)};
}

}  // namespace spine
