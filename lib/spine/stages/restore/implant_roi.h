#pragma once
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// Plan of the ROI prediction of implants that the whole-film prediction found: the film in a
/// square finer than the whole-film prediction's (about 1 mm per pixel), and windows of that
/// square, each of the network's input size, that cover the implants and their surroundings.
struct ImplantRoi {
  Letterbox box;                  ///< how the film lies in the fine square
  std::vector<cv::Rect> windows;  ///< overlapping, pixels of the fine square
};

/// Plans the windows; none without implants.
/// @param first  how the film lies in the square of the whole-film prediction
/// @param spacing  used for the aspect of a pixel only
/// @param implants  CV_8UC1, nonzero where the whole-film prediction found implants in that square
/// @param net_size  side of a window, network pixels
ImplantRoi plan_implant_roi(const Letterbox& first, const std::optional<Spacing>& spacing,
                            const cv::Mat& implants, int net_size);

/// The film in each window, as input of the ROI network: CV_32FC1 in [0,1], the grey range of each
/// window stretched by stretch_range.
/// @throws Error(internal) when the plan is not of this film's size
std::vector<cv::Mat> implant_squares(const Image& film, const ImplantRoi& roi);

/// The probability of implants in the fine square, CV_32FC1: that of the windows, averaged with
/// window_weight() where they overlap, and that of the whole-film prediction elsewhere.
/// @param first  how the film lies in the square of the whole-film prediction
/// @param probability  CV_32FC1, of the whole-film prediction
/// @param windows  CV_32FC1, one for each of ImplantRoi::windows
cv::Mat merge_implant(const ImplantRoi& roi, const Letterbox& first, const cv::Mat& probability,
                      const std::vector<cv::Mat>& windows);

}  // namespace spine
