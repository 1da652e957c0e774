#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// What a picture itself tells of its polarity. Every cue changes its sign when grey values are
/// inverted, and so does their sum. Positive: bone is bright.
struct PolarityCues {
  double border = 0;  ///< air beside the patient: dark minus bright share along the field's edge
  double ridges = 0;  ///< cortical lines: skewness of the blob filter's response, mean of 3 scales
  double below = 0;   ///< the pelvis absorbs more than the lung base: lower third minus upper third
  double center = 0;  ///< the body absorbs more than what surrounds it: inside minus edge
  double burnt = 0;   ///< what is saturated in the middle is the patient: bright minus dark share
  double noise = 0;   ///< few quanta come through bone: rank correlation of noise and grey value

  /// Weighted sum; the weights are a logistic regression through the origin on simulated films with
  /// several gammas and crops, but for that of `burnt`, which few films tell of. Below 0.5 in size
  /// it is weak evidence.
  [[nodiscard]] double score() const;
};

/// @param film  CV_8UC1 or CV_16UC1. Shutters and saturated air, constant areas that touch the
///              edge, are excluded, but for `burnt`. All cues are 0 where nothing else is left.
PolarityCues polarity_cues(const cv::Mat& film);

}  // namespace spine
