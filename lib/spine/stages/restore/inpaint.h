#pragma once
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// Methods of filling in masked pixels.
enum class Inpainting {
  telea,          ///< Telea 2004 (fast marching)
  navier_stokes,  ///< Bertalmio, Bertozzi, Sapiro 2001
  texture,        ///< a network's reconstruction, matched to the greys around the hole
};

/// Options of inpaint().
struct InpaintOptions {
  Inpainting method = Inpainting::telea;
  double radius_px = 3;  ///< of the neighbourhood from which a pixel is filled in, film pixels
  /// Width of a rim around the mask, film pixels, that is not used as a source, since implants
  /// brighten the pixels beside them.
  double rim_px = 0;
};

/// Fills in the masked pixels of a film; all others are unchanged to the bit. The time of the Telea
/// and Navier-Stokes methods is limited to seconds: holes that would need more (millions of pixels,
/// with a large radius) are filled at a lower resolution.
/// @param mask  CV_8UC1 of the film's size, nonzero where to fill
/// @param reconstruction  for Inpainting::texture: the network's reconstruction, CV_32FC1 in the
///     film's grey values, of the film's size
/// @throws Error(internal) when the mask's size or type is wrong, or the reconstruction is missing
///     or of another size
Image inpaint(const Image& film, const cv::Mat& mask, const InpaintOptions& options,
              const cv::Mat& reconstruction = {});

}  // namespace spine
