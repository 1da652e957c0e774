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

/// Draws the structures anew that a close-up shows best: L1–L3, then L4, L5 and S, then F1 and F2.
/// Names stay those of the first look: a pixel of any body belongs to the nearest one that it
/// named. A structure that the close-up shows elsewhere (intersection over union below 0.4 in the
/// window) is left as it was, with a note. A body that the first look missed is added where its
/// neighbours let expect it.
/// @param first  masks of the first look
/// @param probabilities  of the window, as for masks_from_probabilities
/// @param result  masks, confidence and notes are changed
void redraw_from_close_up(const CloseUp& close_up, const MaskStack& first,
                          const std::vector<cv::Mat>& probabilities, const SegmentOptions& options,
                          Segmentation& result);

}  // namespace spine
