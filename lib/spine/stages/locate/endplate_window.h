#pragma once
#include <opencv2/core.hpp>

#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"

namespace spine {

/// Side of an endplate's window, in lengths of the endplate. The window shows the body, the disc
/// and half of the adjacent body.
inline constexpr double kEndplateWindow = 1.7;

/// A square window around an approximately known endplate, normalised in pose: the endplate is
/// horizontal in the middle, its anterior end at the left, its body below.
struct EndplateWindow {
  cv::Matx23d to_window;  ///< similarity from film to window pixels, centres to centres
  int net = 0;            ///< side, pixels
};

/// The window of an endplate.
/// @param estimate  approximate endplate, film pixels; its ends must not coincide
/// @param anterior  side of the film that the patient faces
/// @param superior  whether the body is caudal to the endplate
/// @param net  side of the window, pixels
EndplateWindow endplate_window(const Endplate& estimate, Side anterior, bool superior, int net);

/// Resamples a window of a film; downsampling averages over areas.
/// @param film  one channel of any depth
/// @returns CV_32FC1 in [0,1], contrast-stretched by stretch_range; 0 outside the film
cv::Mat cut(const cv::Mat& film, const EndplateWindow& window);

/// An endplate in its window, with standard deviations. Lengths are in sides of the window, from
/// its middle, x to the right, y down: the line y = height + slope x from x = front to x = back.
struct EndplateEstimate {
  double front = 0, back = 0;
  double height = 0, slope = 0;
  double ends_deviation = 0, height_deviation = 0, slope_deviation = 0;  ///< standard deviations
};

/// Transforms an endplate in film pixels to its window; standard deviations are 0.
EndplateEstimate estimate_of(const Endplate& endplate, const EndplateWindow& window);
/// Transforms an estimate back to film pixels.
Endplate endplate_of(const EndplateEstimate& estimate, const EndplateWindow& window);
/// Standard deviations of an estimate as those of the endplate: direction in degrees, midpoint in
/// endplate lengths.
EndplateUncertainty deviation_of(const EndplateEstimate& estimate);

}  // namespace spine
