#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess.h"
#include "spine/stages/probability_masks.h"

namespace spine {

/// The parts of a film that are looked at again, magnified: the upper bodies; the lower ones with
/// the sacrum; the hips.
inline constexpr std::size_t kCloseUpCount = 3;

/// Where a structure lies.
struct Blob {
  double area = 0;  ///< 0: it is not there
  cv::Point2d center;
};
using Blobs = std::array<Blob, kStructureCount>;

/// @param mask  CV_8UC1
Blob blob_of(const cv::Mat& mask);

/// A magnified look at a part of a film.
struct CloseUpView {
  cv::Point2d middle;  ///< of the window, in the frame of the blobs
  double scale = 1;    ///< network pixels for one unit of that frame
};

/// The window for one part: around the mean of its structures' centres, magnified until
/// a body's side (square root of the mean area of L1-L5) is 0.172 of the window's, about 1 mm a
/// pixel for 192 pixels. nullopt without a body or without any of the part's structures.
/// @param blobs  in any frame of square pixels
/// @param part  below kCloseUpCount
std::optional<CloseUpView> close_up_view(const Blobs& blobs, std::size_t part, int net_size);

/// A window of a film: `box` maps the film to the network's square, beyond which it goes on.
struct CloseUp {
  std::size_t part = 0;  ///< below kCloseUpCount
  Letterbox box;
};

/// The windows that masks of a first look ask for.
/// @param spacing  used for the aspect of a pixel only
std::vector<CloseUp> plan_close_ups(const MaskStack& masks, const std::optional<Spacing>& spacing,
                                    int net_size);

/// The window's part of a film: CV_32FC1 in [0,1], grey range stretched by stretch_range, 0 beyond
/// the film's edges. Shrinking averages over areas.
cv::Mat to_close_up_square(const Image& film, const Letterbox& box);

/// CV_8UC1, 0 or 255, of the network's size; empty where a structure is not in the window.
using WindowMasks = std::array<cv::Mat, kStructureCount>;

/// The window's part of a film's masks.
WindowMasks window_masks(const MaskStack& masks, const Letterbox& box);

/// Draws what a first look found anew: L1-L5 and S from the windows of the spine, F1 and F2 from
/// that of the hips. The bodies of all windows are named together (name_column), after what the
/// close-ups and the first look call them, so that a body which the first look missed is found and
/// one that it named wrongly gets its right name. What close-ups do not show stays as it was (S,
/// F1, F2: intersection over union below 0.4), with a note; where they show fewer than three of
/// L1-L5 and S, there was no spine.
/// @param probabilities  of each window, as for masks_from_probabilities
/// @param result  masks, confidence and notes are changed
void redraw_from_close_ups(const std::vector<CloseUp>& close_ups,
                           const std::vector<std::vector<cv::Mat>>& probabilities,
                           const SegmentOptions& options, Segmentation& result);

}  // namespace spine
