#pragma once
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/image.h"

namespace spine {

/// How what metal hides is filled in.
enum class Inpainting {
  telea,          ///< Telea 2004 (fast marching)
  navier_stokes,  ///< Bertalmio, Bertozzi, Sapiro 2001
  texture,        ///< what a network drew, brought to the greys around the hole
};

struct InpaintOptions {
  Inpainting method = Inpainting::telea;
  double radius_px = 3;  ///< of the neighbourhood that a pixel is made from
  /// Width of the rim around the mask that nothing is made from: metal shines into what lies beside
  /// it.
  double rim_px = 0;
};

/// The film with the masked pixels filled in; all others keep their bits. Telea's and Navier and
/// Stokes' ways take seconds on whatever film: holes that would need more (millions of pixels, with
/// a radius of many) are filled at a lower resolution.
/// @param mask  CV_8UC1, not 0 where to fill, of the film's size
/// @param drawn  for Inpainting::texture: what the network drew, CV_32FC1 in the film's grey
///               values, of the film's size
/// @throws Error(internal) when sizes differ or the drawn picture is missing
Image inpaint(const Image& film, const cv::Mat& mask, const InpaintOptions& options,
              const cv::Mat& drawn = {});

}  // namespace spine
