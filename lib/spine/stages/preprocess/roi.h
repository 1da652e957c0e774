#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// The parts of the spine with an ROI prediction: upper: L1-L4; lower: L5 and the sacrum; hips: the
/// sacrum and the femoral heads.
enum class RoiPart { upper, lower, hips };
inline constexpr std::array kRoiParts{RoiPart::upper, RoiPart::lower, RoiPart::hips};

/// Side of a vertebral body (square root of its area) in an ROI, as a share of the window's side.
inline constexpr double kRoiBodySide = 0.172;

/// Area and centroid of a structure, in any frame.
struct Blob {
  double area = 0;     ///< square units of the frame; 0: the structure is missing
  cv::Point2d center;  ///< centroid
};
/// In kStructures' order.
using Blobs = std::array<Blob, kStructureCount>;

/// Area and centroid of the nonzero pixels, in pixels; area 0 for an empty mask.
/// @param mask  CV_8UC1
Blob blob_of(const cv::Mat& mask);
/// The same of a cropped mask, in pixels of the film.
Blob blob_of(const MaskCrop& crop);

/// Position and magnification of a region of interest (ROI).
struct RoiView {
  cv::Point2d middle;  ///< of the window, in the frame of the blobs
  double scale = 1;    ///< network pixels per unit of that frame
};

/// The window for one part: centred on the mean of its structures' centroids, at the scale where a
/// body's side (square root of the mean area of L1-L5) is kRoiBodySide of the window's, about 1 mm
/// per pixel for 192 pixels.
/// @param blobs  in any frame of square pixels
/// @param net_size  side of the window, network pixels
/// @returns nullopt without a body or without any of the part's structures
std::optional<RoiView> roi_view(const Blobs& blobs, RoiPart part, int net_size);

/// A window of a film.
struct Roi {
  RoiPart part = RoiPart::upper;
  /// Maps the film to the network's square; unlike for letterbox(), the film may reach beyond it.
  Letterbox box;
};

/// The windows for masks of a whole-film prediction: one for each part, in kRoiParts' order, where
/// roi_view() gives one. Missing levels are extrapolated from their neighbours, and positions and
/// sizes are rounded to a grid, so that small changes of the masks do not move the windows.
/// @param spacing  used for the aspect of a pixel only
/// @param net_size  side of a window, network pixels
std::vector<Roi> plan_rois(const MaskStack& masks, const std::optional<Spacing>& spacing,
                           int net_size);

/// Whether two windows are of one part and differ by less than 5 % in position (of a window's side)
/// and scale, so that a second prediction adds nothing.
bool nearly_coincide(const Roi& a, const Roi& b);

/// The film in a window: CV_32FC1 of the network's size, grey values (0 beyond the film's edges)
/// stretched to [0,1] by stretch_range. Downscaling averages over areas.
cv::Mat to_roi_square(const Image& film, const Letterbox& box);

/// A mask of the film's size in a window, by nearest-neighbour sampling: CV_8UC1, 0 or 255, of the
/// network's size; 0 beyond the film.
cv::Mat window_mask(const cv::Mat& mask, const Letterbox& box);

/// Blending weights of a window's pixels where windows overlap: CV_32FC1 in (0,1], falling towards
/// the window's border.
/// @param net  side of the window, network pixels
cv::Mat window_weight(int net);

/// The masks of all structures in a window, as window_mask(); empty where a structure is not in it.
using WindowMasks = std::array<cv::Mat, kStructureCount>;

/// All masks of a film in a window.
WindowMasks window_masks(const MaskStack& masks, const Letterbox& box);

}  // namespace spine
