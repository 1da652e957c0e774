#pragma once
#include <opencv2/core.hpp>

#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"

namespace spine {

/// Side of an endplate's window, in lengths of the endplate: the body, the disc, and half of the
/// body beyond it.
inline constexpr double kEndplateWindow = 1.7;

/// A small square cut around an endplate that is known about: the endplate level in its middle, its
/// front at the left, its body below. However a film lies, all endplates look alike there.
struct EndplateWindow {
  cv::Matx23d to_window;  ///< film pixels to window pixels, centres to centres; keeps shape
  int net = 0;            ///< side, pixels
};

/// @param estimate  its ends may not coincide
/// @param anterior  the side of the film where the front is
/// @param superior  whether the body is caudal to the endplate
EndplateWindow endplate_window(const Endplate& estimate, Side anterior, bool superior, int net);

/// CV_32FC1 in [0,1], stretched by stretch_range; 0 beyond the film. Shrinking averages over areas.
/// @param film  one channel of any depth
cv::Mat cut(const cv::Mat& film, const EndplateWindow& window);

/// An endplate in its window, and how far off it may be. Lengths in sides of the window, from its
/// middle, x to the right, y down: the line y = height + slope x from x = front to x = back.
struct EndplateEstimate {
  double front = 0, back = 0;
  double height = 0, slope = 0;
  double ends_deviation = 0, height_deviation = 0, slope_deviation = 0;  ///< standard deviations
};

/// Where an endplate of the film lies in a window; spreads 0.
EndplateEstimate estimate_of(const Endplate& endplate, const EndplateWindow& window);
/// The reverse.
Endplate endplate_of(const EndplateEstimate& estimate, const EndplateWindow& window);
/// A sight's spreads as they are of the endplate.
EndplateUncertainty deviation_of(const EndplateEstimate& estimate);

}  // namespace spine
