#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// The parts of a film of which ROIs are predicted: L1-L4; L5 and the sacrum; the sacrum
/// and the heads.
enum class RoiPart { upper, lower, hips };
inline constexpr std::array kRoiParts{RoiPart::upper, RoiPart::lower, RoiPart::hips};

/// An ROI shows a body with this side (square root of its area), of the window's side.
inline constexpr double kRoiBodySide = 0.172;

/// Where a structure lies.
struct Blob {
  double area = 0;  ///< 0: it is not there
  cv::Point2d center;
};
using Blobs = std::array<Blob, kStructureCount>;

/// @param mask  CV_8UC1
Blob blob_of(const cv::Mat& mask);
Blob blob_of(const MaskCrop& crop);

/// A magnified region of interest (ROI) of a film.
struct RoiView {
  cv::Point2d middle;  ///< of the window, in the frame of the blobs
  double scale = 1;    ///< network pixels for one unit of that frame
};

/// The window for one part: around the mean of its structures' centres, magnified until
/// a body's side (square root of the mean area of L1-L5) is kRoiBodySide of the window's, about
/// 1 mm a pixel for 192 pixels. nullopt without a body or without any of the part's structures.
/// @param blobs  in any frame of square pixels
std::optional<RoiView> roi_view(const Blobs& blobs, RoiPart part, int net_size);

/// A window of a film: `box` maps the film to the network's square, beyond which it goes on.
struct Roi {
  RoiPart part = RoiPart::upper;
  Letterbox box;
};

/// The windows that masks of the whole-film prediction ask for.
/// @param spacing  used for the aspect of a pixel only
std::vector<Roi> plan_rois(const MaskStack& masks, const std::optional<Spacing>& spacing,
                           int net_size);

/// Whether two windows of one part show the same but for a few pixels, so that a second prediction
/// would see nothing new.
bool show_the_same(const Roi& a, const Roi& b);

/// The window's part of a film: CV_32FC1 in [0,1], grey range stretched by stretch_range, 0 beyond
/// the film's edges. Shrinking averages over areas.
cv::Mat to_roi_square(const Image& film, const Letterbox& box);

/// The window's part of one mask of a film: CV_8UC1, 0 or 255, of the network's size; a pixel is
/// what the film's pixel at its middle is.
cv::Mat window_mask(const cv::Mat& mask, const Letterbox& box);

/// How much a window's pixels count where windows overlap: CV_32FC1, less towards its border.
cv::Mat window_weight(int net);

/// As window_mask(); empty where a structure is not in the window.
using WindowMasks = std::array<cv::Mat, kStructureCount>;

/// The window's part of a film's masks.
WindowMasks window_masks(const MaskStack& masks, const Letterbox& box);

}  // namespace spine
