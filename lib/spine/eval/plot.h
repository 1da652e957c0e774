#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

// What the pictures of plots.h are drawn with.
namespace spine {

inline const cv::Scalar kInk(40, 40, 40);  // BGR, like all colours here
inline const cv::Scalar kFaint(225, 225, 225);
inline const cv::Scalar kBlue(180, 110, 30);
inline const cv::Scalar kRed(50, 50, 200);

enum class Align { left, center, right };

/// One line of small letters whose middle is at the height of `at`.
void write_text_at(cv::Mat& image, const std::string& text, cv::Point at, Align align,
                   const cv::Scalar& color = kInk);

/// A range of values with round steps.
struct Axis {
  double low = 0, high = 1, step = 1;

  /// Covers the values, with at most about `most` steps of 1, 2 or 5 times a power of ten.
  static Axis over(double low, double high, int most);
  [[nodiscard]] int steps() const;
  [[nodiscard]] double at(int i) const { return low + i * step; }
  [[nodiscard]] std::string label(int i) const;
};

/// A plot with a title, a grid and named axes; CV_8UC3, 900 x 600.
class Plot {
 public:
  Plot(const std::string& title, const Axis& x, const std::string& x_name, const Axis& y,
       const std::string& y_name);
  /// Named columns in place of an axis of numbers: the i-th is around x = i.
  Plot(const std::string& title, const std::vector<std::string>& columns, const Axis& y,
       const std::string& y_name);

  void dot(cv::Point2d value);
  void course(const std::vector<cv::Point2d>& values, const cv::Scalar& color);
  /// A name beside the right end of a course.
  void name(cv::Point2d end, const std::string& text, const cv::Scalar& color);
  void bar(double from, double to, double height);
  /// A level line with its name and value at the right.
  void level(double y, const std::string& name);
  /// Quartiles as a box with the median's line, whiskers to the last values within 1.5 times the
  /// box's height of it, a dot for each value beyond (Tukey 1977). Nothing without values.
  void box(double x, const std::vector<double>& values);
  [[nodiscard]] const cv::Mat& image() const { return image_; }

 private:
  Plot(const std::string& title, const Axis& x, const Axis& y, const std::string& y_name);
  [[nodiscard]] cv::Point to_pixel(cv::Point2d value) const;

  Axis x_, y_;
  cv::Mat image_;
};

}  // namespace spine
