#pragma once
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {

/// The magnified prediction of implants that the whole-film prediction found: the film in a square
/// that is finer than the whole-film prediction's (about 1 mm a pixel), and the windows of that
/// square, each as large as a network's input, that show metal or what is near it.
struct ImplantRoi {
  Letterbox box;                  ///< how the film lies in the fine square
  std::vector<cv::Rect> windows;  ///< parts of the fine square; they overlap
};

/// @param first  how the film lies in the whole-film square
/// @param metal  CV_8UC1, not 0 where the whole-film prediction saw metal in that square
/// @param net_size  side of a window
ImplantRoi plan_implant_roi(const Letterbox& first, const std::optional<Spacing>& spacing,
                            const cv::Mat& metal, int net_size);

/// The windows of a film, as networks of ROIs see them: CV_32FC1 in [0,1], the grey range of
/// each stretched by stretch_range.
std::vector<cv::Mat> implant_squares(const Image& film, const ImplantRoi& roi);

/// The probability of metal in the fine square: that of the windows, averaged where they overlap,
/// and that of the whole-film prediction elsewhere.
/// @param probability  CV_32FC1, of the whole-film prediction
/// @param windows  CV_32FC1, one for each of ImplantRoi::windows
cv::Mat merge_implant(const ImplantRoi& roi, const Letterbox& first, const cv::Mat& probability,
                      const std::vector<cv::Mat>& windows);

}  // namespace spine
