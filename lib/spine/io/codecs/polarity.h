#pragma once
#include <opencv2/core.hpp>

namespace spine {

/// Image features that indicate polarity. Each feature, and their sum, changes sign when grey
/// values are inverted. Positive: bone is bright.
struct PolarityCues {
  double border = 0;  ///< air beside the patient: dark minus bright fraction along the field's edge
  double ridges = 0;  ///< cortical lines: skewness of the blob filter's response, mean of 3 scales
  double below = 0;   ///< the pelvis absorbs more than the lung base: lower third minus upper third
  double center = 0;  ///< the body absorbs more than its surroundings: inside minus edge
  double saturated = 0;  ///< saturation in the middle is the patient: bright minus dark fraction
  double noise = 0;      ///< few quanta pass through bone: rank correlation of noise and grey value

  /// Weighted sum. The weights are a logistic regression through the origin on simulated films with
  /// several gammas and crops, except that of `saturated`, which occurs in few films. Magnitudes
  /// below 0.5 are weak evidence.
  [[nodiscard]] double score() const;
};

/// Computes the features of a film. Shutters and saturated air (constant areas that touch the edge)
/// are excluded, except for `saturated`. All features are 0 if nothing else remains.
/// @param film  CV_8UC1 or CV_16UC1
PolarityCues polarity_cues(const cv::Mat& film);

}  // namespace spine
