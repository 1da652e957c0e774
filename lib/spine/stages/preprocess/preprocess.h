#pragma once
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/core/input_spec.h"

namespace spine {

/// How a film lies in the network's square: net = film * scale + offset, pixel centres to pixel
/// centres. The longer side fills the square, the shorter one is centred. The scales differ only
/// for anisotropic pixels, so that the network sees true shape (and by the rounding of the shorter
/// side to whole network pixels, at most half a pixel over its length).
struct Letterbox {
  double scale_x = 1, scale_y = 1;
  double offset_x = 0, offset_y = 0;
  cv::Size film;  ///< pixels
  int net = 0;    ///< side of the square, pixels
  [[nodiscard]] cv::Point2d to_net(cv::Point2d film_px) const;
  [[nodiscard]] cv::Point2d to_film(cv::Point2d net_px) const;
  /// The net pixels that the film covers.
  [[nodiscard]] cv::Rect content() const;
};

/// @param film  size in pixels
/// @param spacing  used for the aspect of a pixel only
/// @param net_size  side of the square, pixels
/// @throws Error(internal) unless all sizes are positive.
Letterbox letterbox(cv::Size film, const std::optional<Spacing>& spacing, int net_size);

/// The same with the film smaller in its square, about the middle, by a factor for each axis (at
/// most 1); for films that show things larger, or wider, than others do.
Letterbox shrunk(const Letterbox& box, double factor_x, double factor_y);

/// The film in the network's square, in its own grey values: CV_32FC1, padding 0. Shrinking
/// averages over areas, so that nothing aliases.
/// @throws Error(internal) when the box is not of this film's size.
cv::Mat to_square(const Image& film, const Letterbox& box);

/// to_square in [0,1], its grey range stretched by stretch_range.
/// @throws Error(internal) as to_square does.
cv::Mat to_net_square(const Image& film, const Letterbox& box);

/// The grey values that a network sees as 0 and as 1.
struct GreyRange {
  double low = 0, high = 1;
  /// CV_32FC1 with `low` at 0 and `high` at 1, nothing clipped; 0 for an empty range.
  [[nodiscard]] cv::Mat to_unit(const cv::Mat& greys) const;
  /// The reverse, CV_32FC1.
  [[nodiscard]] cv::Mat to_greys(const cv::Mat& unit) const;
};

/// Stretches the grey range of the film's part of a square from its 0.5th to its 99.5th percentile
/// (measured at the square's resolution) to [0,1], clipping what lies outside; padding becomes 0. A
/// flat film becomes 0. This is the last step of to_net_square, for squares made in another way.
/// @param square  CV_32FC1 in any unit, changed in place
/// @returns what became 0 and 1
GreyRange stretch_range(cv::Mat& square, const cv::Rect& content);

/// The named views (InputSpec::views) of one square, each CV_32FC1 in [0,1], in the order asked
/// for. PEN_6 after PECI-Net (Park et al. 2024): original, CLAHE, double CLAHE, sharpening + CLAHE,
/// sharpening + double CLAHE, contrast stretching; also "equal_hist". CLAHE: clip limit 2, 8x8
/// tiles; sharpening: the 3x3 kernel (0 -1 0, -1 5 -1, 0 -1 0); contrast stretching: 2nd to 98th
/// percentile of what is not black. All but the original have 256 grey levels.
/// @throws Error(usage) for an unknown view, naming the known ones.
std::vector<cv::Mat> make_views(const cv::Mat& square, const std::vector<std::string>& views);

}  // namespace spine
