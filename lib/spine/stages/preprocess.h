#pragma once
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/input_spec.h"

namespace spine {

/// How a film lies in the network's square: net = film * scale + offset, pixel centres to pixel
/// centres. The scales differ only for anisotropic pixels, so that the network sees true shape.
struct Letterbox {
  double scale_x = 1, scale_y = 1;
  double offset_x = 0, offset_y = 0;
  cv::Size film;
  int net = 0;
  [[nodiscard]] cv::Point2d to_net(cv::Point2d film_px) const;
  [[nodiscard]] cv::Point2d to_film(cv::Point2d net_px) const;
  /// The net pixels that the film covers.
  [[nodiscard]] cv::Rect content() const;
};

/// @param spacing  used for the aspect of a pixel only
Letterbox letterbox(cv::Size film, const std::optional<Spacing>& spacing, int net_size);

/// The film in the network's square: CV_32FC1 in [0,1], grey range of the film stretched from its
/// 0.5th to its 99.5th percentile, padding 0.
cv::Mat to_net_square(const Image& film, const Letterbox& box);

/// The named views (InputSpec::views) of one square, each CV_32FC1 in [0,1].
/// PEN_6 after PECI-Net (Park et al. 2024): original, CLAHE, double CLAHE, sharpening + CLAHE,
/// sharpening + double CLAHE, contrast stretching; also "equal_hist".
/// @throws Error(usage) for an unknown view, naming the known ones.
std::vector<cv::Mat> make_views(const cv::Mat& square, const std::vector<std::string>& views);

}  // namespace spine
