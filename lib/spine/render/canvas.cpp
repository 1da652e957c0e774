#include "spine/render/canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/io/mask_io.h"

namespace spine {
namespace {

constexpr int kShift = 4;  // fractional bits of OpenCV's drawing coordinates
constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;

/// OpenCV's fixed-point coordinates.
cv::Point fixed(cv::Point2d p) {
  // Clamp: positions far outside the film are irrelevant, but integers must not overflow.
  const auto coordinate = [](double v) {
    constexpr double kFar = 1e6;
    return cvRound(std::clamp(std::isfinite(v) ? v : -kFar, -kFar, kFar) * (1 << kShift));
  };
  return {coordinate(p.x), coordinate(p.y)};
}

/// The text without a trailing degree sign, and whether it had one.
std::pair<std::string, bool> split_degree(const std::string& words) {
  static const std::string kDegree = "\u00b0";
  if (words.ends_with(kDegree)) return {words.substr(0, words.size() - kDegree.size()), true};
  return {words, false};
}

}  // namespace

cv::Scalar bgr(Structure s) {
  const auto c = structure_color(s);
  return {static_cast<double>(c[2]), static_cast<double>(c[1]), static_cast<double>(c[0])};
}

Canvas::Canvas(cv::Mat image)
    : image_(std::move(image)), unit_(std::hypot(image_.cols, image_.rows) / 1600.0) {}

int Canvas::width(double length) const {
  return std::max(1, static_cast<int>(std::lround(px(length))));
}

void Canvas::line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
  cv::line(image_, fixed(a), fixed(b), color, width(thickness), cv::LINE_AA, kShift);
}

void Canvas::rimmed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
  line(a, b, kDark, thickness + 1.5);
  line(a, b, color, thickness);
}

void Canvas::dashed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
  const double length = cv::norm(b - a);
  // Limits the number of dashes for lines that extend far beyond the film.
  const double dash = std::max({px(9), 3.0, length / 400});
  if (!(length > 0)) return;
  const cv::Point2d step = (b - a) * (dash / length);
  for (int i = 0; i * dash < length; i += 2) {
    const cv::Point2d from = a + step * i;
    const cv::Point2d to = (i + 1) * dash < length ? a + step * (i + 1) : b;
    rimmed_line(from, to, color, thickness);
  }
}

void Canvas::polyline(const std::vector<cv::Point2d>& points, bool closed, const cv::Scalar& color,
                      double thickness) {
  std::vector<cv::Point> fixed_points;
  for (const auto& p : points) fixed_points.push_back(fixed(p));
  if (fixed_points.size() < 2) return;
  cv::polylines(image_, fixed_points, closed, color, width(thickness), cv::LINE_AA, kShift);
}

void Canvas::rimmed_polyline(const std::vector<cv::Point2d>& points, bool closed,
                             const cv::Scalar& color, double thickness) {
  polyline(points, closed, kDark, thickness + 1.5);
  polyline(points, closed, color, thickness);
}

void Canvas::dot(cv::Point2d center, const cv::Scalar& color, double radius) {
  disc(center, kDark, px(radius) + px(1));
  disc(center, color, px(radius));
}

cv::Size2d Canvas::text_size(const std::string& text, double height) const {
  int baseline = 0;
  const double scale = font_scale(height);
  const auto [plain, degree] = split_degree(text);
  const auto size = cv::getTextSize(plain, kFont, scale, stroke(height), &baseline);
  return {size.width + (degree ? px(height) * 0.45 : 0.0), px(height)};
}

void Canvas::text(const std::string& words, cv::Point2d origin, const cv::Scalar& color,
                  double height) {
  const auto [plain, degree] = split_degree(words);
  const double scale = font_scale(height);
  const cv::Point at(cvRound(origin.x), cvRound(origin.y));
  int baseline = 0;
  const auto size = cv::getTextSize(plain, kFont, scale, stroke(height), &baseline);
  const cv::Point ring(cvRound(at.x + size.width + px(height) * 0.2),
                       cvRound(at.y - px(height) * 0.85));
  const int ring_radius = std::max(1, cvRound(px(height) * 0.14));
  for (const bool rim : {true, false}) {
    const int thickness = stroke(height) + (rim ? 2 * width(1.2) : 0);
    const cv::Scalar& ink = rim ? kDark : color;
    cv::putText(image_, plain, at, kFont, scale, ink, thickness, cv::LINE_AA);
    if (degree) cv::circle(image_, ring, ring_radius, ink, thickness, cv::LINE_AA);
  }
}

void Canvas::centered_text(const std::string& words, cv::Point2d center, const cv::Scalar& color,
                           double height) {
  const auto size = text_size(words, height);
  const double margin = px(4);
  cv::Point2d origin(center.x - size.width / 2, center.y + size.height / 2);
  origin.x = std::clamp(origin.x, margin, std::max(margin, image_.cols - size.width - margin));
  origin.y = std::clamp(origin.y, size.height + margin,
                        std::max(size.height + margin, image_.rows - margin));
  text(words, origin, color, height);
}

void Canvas::disc(cv::Point2d center, const cv::Scalar& color, double radius_px) {
  const int radius = std::max(1 << kShift, cvRound(radius_px * (1 << kShift)));
  cv::circle(image_, fixed(center), radius, color, cv::FILLED, cv::LINE_AA, kShift);
}

double Canvas::font_scale(double height) const {
  constexpr double kCapitalsPx = 21;  // of this font at scale 1
  return std::max(px(height), 7.0) / kCapitalsPx;
}

}  // namespace spine
