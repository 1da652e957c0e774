#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"

// Drawing of overlays. Colours are BGR.
namespace spine {

inline const cv::Scalar kDark(16, 16, 16);
inline const cv::Scalar kWhite(255, 255, 255);
inline const cv::Scalar kGrey(170, 170, 170);
inline const cv::Scalar kWarning(60, 170, 255);
inline const cv::Scalar kPiColor(140, 255, 140);
inline const cv::Scalar kPtColor(80, 190, 255);
inline const cv::Scalar kSsColor(255, 220, 110);
inline const cv::Scalar kLlColor(255, 150, 255);

/// Colour of a structure.
cv::Scalar bgr(Structure s);

/// Drawing surface with sub-pixel positions, px, and sizes relative to the film: lengths and
/// thicknesses are given for a film with a diagonal of 1,600 pixels.
class Canvas {
 public:
  /// @param image  CV_8UC3, drawn into
  explicit Canvas(cv::Mat image);

  [[nodiscard]] cv::Mat& image() { return image_; }
  /// Converts a designed length to film pixels.
  [[nodiscard]] double px(double length) const { return length * unit_; }
  /// As px(), rounded, at least 1.
  [[nodiscard]] int width(double length) const;

  void line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness);
  /// Line with a dark border, to stand out on bright bone.
  void rimmed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness);
  void dashed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness);
  void polyline(const std::vector<cv::Point2d>& points, bool closed, const cv::Scalar& color,
                double thickness);
  void rimmed_polyline(const std::vector<cv::Point2d>& points, bool closed, const cv::Scalar& color,
                       double thickness);
  void dot(cv::Point2d center, const cv::Scalar& color, double radius);

  /// Size of a text, px. `height` is that of capitals.
  [[nodiscard]] cv::Size2d text_size(const std::string& text, double height) const;
  /// Draws text; `origin` is the left end of the base line. A trailing degree sign is drawn as a
  /// ring, since OpenCV's fonts lack it.
  void text(const std::string& words, cv::Point2d origin, const cv::Scalar& color, double height);
  /// Draws text centred on `center`, shifted to stay inside the film.
  void centered_text(const std::string& words, cv::Point2d center, const cv::Scalar& color,
                     double height);

 private:
  void disc(cv::Point2d center, const cv::Scalar& color, double radius_px);
  [[nodiscard]] double font_scale(double height) const;
  [[nodiscard]] int stroke(double height) const { return width(height / 10.0); }

  cv::Mat image_;
  double unit_;
};

}  // namespace spine
