#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// Implant mask of the baseline method (stages/README.md, "Restore"): side columns blanked in
/// proportion (0-49 and 206-255 of 256), gamma 0.35 on film and reconstruction, saturating
/// difference, opening with a 3x3 square, Otsu's threshold, scaled to the film. Segments something
/// in every film, with or without implants.
/// @param film, reconstruction  the autoencoder's input and reconstruction, CV_32FC1 squares in
///     [0,1]
/// @param box  how the film lies in these squares
/// @returns CV_8UC1 0/255 of the film's size
cv::Mat implant_mask_by_baseline(const cv::Mat& film, const cv::Mat& reconstruction,
                                 const Letterbox& box);

/// Implant mask without a network: pixels brighter than a share of the film's grey range.
/// @param threshold  0..1, from the film's darkest to its brightest pixel
/// @returns CV_8UC1 0/255 of the film's size
cv::Mat implant_mask_by_brightness(const Image& film, double threshold);

/// A connected component of an implant mask.
struct ImplantPart {
  cv::Rect box;           ///< film pixels
  double area_px = 0;     ///< film pixels; a pixel that two parts share counts once
  double confidence = 0;  ///< highest probability inside, 0..1
};

/// Options of implant_mask().
struct ImplantMaskOptions {
  double threshold = 0.3;  ///< probability threshold of the mask (hysteresis, low)
  double seed = 0.97;      ///< least peak probability of a component (hysteresis, high)
  double min_area = 4;     ///< least area of a component, network pixels
  /// Grey level of the outline, between the mean greys outside (0) and inside (1).
  double level = 0.3;
  /// Dilation of the refined mask, network pixels, as implant edges are blurred.
  double margin = 0.13;
};

/// Implants segmented at film resolution.
struct ImplantMask {
  cv::Mat mask;                    ///< CV_8UC1 0/255 of the film's size
  std::vector<ImplantPart> parts;  ///< largest first; their areas add up to the mask's
  /// Confidence that the film shows an implant, 0..1: the highest probability of a component of
  /// sufficient area, at most the threshold where there is none. At least the seed where parts were
  /// found.
  double confidence = 0;
};

/// Components of a probability map with sufficient area and peak probability, with their outlines
/// refined at film resolution: near the map's outline a pixel belongs to the implant when it is
/// brighter than a level between the local mean greys inside and outside. For anisotropic pixels,
/// lengths in network pixels are the mean of both axes on the film.
/// @param probability  CV_32FC1 square in [0,1]
/// @param box  how the film lies in that square
/// @param greys  the film's grey range as the network's input was stretched (stretch_range)
ImplantMask implant_mask(const Image& film, const cv::Mat& probability, const Letterbox& box,
                         const GreyRange& greys, const ImplantMaskOptions& options = {});

}  // namespace spine
