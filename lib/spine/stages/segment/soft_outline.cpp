#include "spine/stages/segment/soft_outline.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace spine {

std::vector<OutlinePoint> soft_outline(const cv::Mat& probability, double threshold,
                                       const Letterbox& box) {
  constexpr double kMinSlope = 1.0 / 40;  // per network pixel; smaller slopes are noise
  constexpr double kMaxStep = 1;          // network pixels from a pixel to the crossing
  cv::Mat across;
  cv::Mat down;
  cv::Sobel(probability, across, CV_32F, 1, 0, 3, 1.0 / 8);
  cv::Sobel(probability, down, CV_32F, 0, 1, 3, 1.0 / 8);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(probability >= threshold, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  const double film_px = 0.5 / box.scale_x + 0.5 / box.scale_y;  // film pixels per network pixel
  std::vector<OutlinePoint> outline;
  for (const auto& contour : contours) {
    for (const cv::Point& p : contour) {
      const cv::Point2d gradient(across.at<float>(p), down.at<float>(p));
      const double slope = std::max(cv::norm(gradient), kMinSlope);
      const double above = probability.at<float>(p) - threshold;
      const double step = std::min(above / slope, kMaxStep);
      const cv::Point2d crossing = cv::Point2d(p) - step / slope * gradient;
      outline.push_back({box.to_film(crossing), film_px / slope});
    }
  }
  return outline;
}

}  // namespace spine
