#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// The prototype's mask (stages/README.md, "Restore"), step by step: side columns blanked in
/// proportion (0-49 and 206-255 of 256), gamma 0.35 on film and reconstruction, saturating
/// difference, opening with a 3x3 square, Otsu's threshold, scaled to the film. Finds metal in
/// every film.
/// @param film, drawn  squares in [0,1] as the autoencoder sees and draws them, CV_32FC1
/// @returns CV_8UC1 0/255 of the film's size
cv::Mat implant_mask_by_baseline(const cv::Mat& film, const cv::Mat& drawn, const Letterbox& box);

/// The baseline without any network: what is brighter than a share of the film's grey range.
/// @returns CV_8UC1 0/255 of the film's size
cv::Mat implant_mask_by_brightness(const Image& film, double threshold);

/// A piece of metal.
struct ImplantPart {
  cv::Rect box;           ///< film pixels
  double area_px = 0;     ///< pixels; one that two pieces share counts once
  double confidence = 0;  ///< highest probability in it
};

struct ImplantMaskOptions {
  double threshold = 0.3;  ///< probability where metal begins
  /// Pieces whose probability nowhere reaches this are none.
  double seed = 0.97;
  double min_area = 4;  ///< of a piece, network pixels
  /// Where between the greys outside (0) and inside (1) the outline lies.
  double level = 0.3;
  /// Added around the outline, network pixels: metal's edge is blurred.
  double margin = 0.13;
};

/// Metal with its outline at the film's own resolution.
struct ImplantMask {
  cv::Mat mask;                    ///< CV_8UC1 0/255 of the film's size
  std::vector<ImplantPart> parts;  ///< largest first; their areas add up to the mask's
  /// That the film shows metal: the highest probability of a piece that is large enough, at most
  /// the threshold where there is none. At least the seed where parts were found.
  double confidence = 0;
};

/// Pieces of a probability map that are large and sure enough, their outlines refined on the
/// film: near the map's own outline a pixel is metal when it is brighter than a level between the
/// mean greys of metal and of what surrounds it, there. Where pixels are not square, lengths in
/// network pixels are the mean of both axes on the film.
/// @param probability  CV_32FC1 square, as `box` lays it out
/// @param greys  of the film as the network saw it
ImplantMask implant_mask(const Image& film, const cv::Mat& probability, const Letterbox& box,
                         const GreyRange& greys, const ImplantMaskOptions& options = {});

}  // namespace spine
