#pragma once
#include "spine/core/landmarks.h"
#include "spine/stages/locate/local_outline.h"

namespace spine {

/// Fit of the S1 endplate: the cranial side of a sacrum's outline. Frame and unit are those of the
/// outline's points.
class SacralEndplate {
 public:
  /// @param points  outline in the anatomical frame; must outlive this object
  /// @param size  square root of the sacrum's area
  /// @param usual  approximate anterior direction along the endplate; a unit vector
  SacralEndplate(const Points& points, double size, cv::Point2d usual);

  /// Finds the outermost points along the bisectors of endplate and walls. @returns false if they
  /// are too close to each other.
  bool find_ends();
  /// Moves the ends onto the base of the bulging-endplate model.
  void fit_convex();
  /// Replaces ends found on a ragged outline by ends on the robust line of the part between them.
  void project_on_line();

  [[nodiscard]] Endplate ends() const { return {post_, ant_}; }
  [[nodiscard]] double length() const { return cv::norm(ant_ - post_); }

 private:
  void set_ends(cv::Point2d post, cv::Point2d ant);

  const Points& points_;
  double size_;
  cv::Point2d usual_;
  Axes axes_;
  cv::Point2d post_, ant_;
};

}  // namespace spine
