#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

// Drawing primitives of plots.h.
namespace spine {

inline const cv::Scalar kInk(40, 40, 40);  // BGR, like all colours here
inline const cv::Scalar kFaint(225, 225, 225);
inline const cv::Scalar kBlue(180, 110, 30);
inline const cv::Scalar kRed(50, 50, 200);

/// Horizontal alignment of text.
enum class Align { left, center, right };

/// Draws one line of small text, vertically centred at `at`.
void write_text_at(cv::Mat& image, const std::string& text, cv::Point at, Align align,
                   const cv::Scalar& color = kInk);

/// A range of values with round tick steps.
struct Axis {
  double low = 0, high = 1, step = 1;

  /// An axis covering [low, high] with at most about `most` steps of 1, 2 or 5 times a power of
  /// ten.
  static Axis over(double low, double high, int most);
  /// Number of steps.
  [[nodiscard]] int steps() const;
  /// Value of the i-th tick.
  [[nodiscard]] double at(int i) const { return low + i * step; }
  /// Text of the i-th tick.
  [[nodiscard]] std::string label(int i) const;
};

/// A plot with title, grid and labelled axes; CV_8UC3, 900 x 600.
class Plot {
 public:
  Plot(const std::string& title, const Axis& x, const std::string& x_name, const Axis& y,
       const std::string& y_name);
  /// Labelled categories instead of a numeric x axis: the i-th is at x = i.
  Plot(const std::string& title, const std::vector<std::string>& columns, const Axis& y,
       const std::string& y_name);

  /// Draws a dot.
  void dot(cv::Point2d value);
  /// Draws a polyline.
  void course(const std::vector<cv::Point2d>& values, const cv::Scalar& color);
  /// Labels a line at its right end.
  void name(cv::Point2d end, const std::string& text, const cv::Scalar& color);
  /// Draws a bar from x = `from` to x = `to`.
  void bar(double from, double to, double height);
  /// Draws a horizontal line labelled with name and value at the right.
  void level(double y, const std::string& name);
  /// Draws a box plot: quartiles and median, whiskers to the last values within 1.5 times the
  /// interquartile range of the box, a dot for each value beyond (Tukey 1977). Nothing without
  /// values.
  void box(double x, const std::vector<double>& values);
  [[nodiscard]] const cv::Mat& image() const { return image_; }

 private:
  Plot(const std::string& title, const Axis& x, const Axis& y, const std::string& y_name);
  [[nodiscard]] cv::Point to_pixel(cv::Point2d value) const;

  Axis x_, y_;
  cv::Mat image_;
};

}  // namespace spine
