#pragma once
#include <array>
#include <optional>
#include <vector>

#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess.h"
#include "spine/stages/probability_masks.h"

namespace spine {

/// The parts of a film that are looked at again, magnified: a window around the middle of these
/// structures shows them all.
inline constexpr std::array<std::array<Structure, 3>, 3> kCloseUpParts{{
    {Structure::L1, Structure::L2, Structure::L3},
    {Structure::L4, Structure::L5, Structure::S},
    {Structure::S, Structure::F1, Structure::F2},
}};

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

/// The window for one of kCloseUpParts: around the mean of its structures' centres, magnified until
/// a body's side (square root of the mean area of L1-L5) is 0.172 of the window's, about 1 mm a
/// pixel for 192 pixels. nullopt without a body or without any of the part's structures.
/// @param blobs  in any frame of square pixels
std::optional<CloseUpView> close_up_view(const Blobs& blobs, std::size_t part, int net_size);

}  // namespace spine
