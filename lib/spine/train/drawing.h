#pragma once
#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace spine::train {

/// Anti-aliased shapes drawn over a film. Lengths are fractions of its longer side, points are in
/// pixels.
class Drawing {
 public:
  Drawing(cv::Size size, double unit) : cover_(cv::Mat::zeros(size, CV_8UC1)), unit_(unit) {}
  explicit Drawing(cv::Size size) : Drawing(size, std::max(size.width, size.height)) {}

  /// CV_8UC1: coverage of each pixel, 0..255.
  [[nodiscard]] const cv::Mat& cover() const { return cover_; }
  /// The longer side, px.
  [[nodiscard]] double unit() const { return unit_; }

  /// A filled circle.
  void disc(cv::Point2d at, double radius) {
    cv::circle(cover_, fixed(at), fixed(radius * unit_), 255, cv::FILLED, cv::LINE_AA, kShift);
  }
  /// A circle line.
  void ring(cv::Point2d at, double radius, double width) {
    cv::circle(cover_, fixed(at), fixed(radius * unit_), 255, thickness(width), cv::LINE_AA,
               kShift);
  }
  /// A line segment.
  void line(cv::Point2d from, cv::Point2d to, double width) {
    cv::line(cover_, fixed(from), fixed(to), 255, thickness(width), cv::LINE_AA, kShift);
  }
  /// A filled ellipse.
  /// @param a, b  half axes, a along `degrees` (clockwise, from the direction of the rows)
  void ellipse(cv::Point2d at, double a, double b, double degrees) {
    const cv::RotatedRect box(
        at, cv::Size2f(static_cast<float>(2 * a * unit_), static_cast<float>(2 * b * unit_)),
        static_cast<float>(degrees));
    cv::ellipse(cover_, box, 255, cv::FILLED, cv::LINE_AA);
  }

 private:
  static constexpr int kShift = 4;  // fractional bits of coordinates in OpenCV

  static int fixed(double length) { return std::max(1, cvRound(length * (1 << kShift))); }
  static cv::Point fixed(cv::Point2d p) {
    return {cvRound(p.x * (1 << kShift)), cvRound(p.y * (1 << kShift))};
  }
  [[nodiscard]] int thickness(double width) const { return std::max(1, cvRound(width * unit_)); }

  cv::Mat cover_;
  double unit_;
};

}  // namespace spine::train
