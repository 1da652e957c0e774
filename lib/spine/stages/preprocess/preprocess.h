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
/// for anisotropic pixels, so that shapes are undistorted in the square (and by rounding the
/// shorter side to whole network pixels, at most half a pixel over its length).
struct Letterbox {
  double scale_x = 1, scale_y = 1;
  double offset_x = 0, offset_y = 0;
  cv::Size film;  ///< pixels
  int net = 0;    ///< side of the square, pixels
  /// From film pixels to network pixels.
  [[nodiscard]] cv::Point2d to_net(cv::Point2d film_px) const;
  /// From network pixels to film pixels.
  [[nodiscard]] cv::Point2d to_film(cv::Point2d net_px) const;
  /// The network pixels that the film covers.
  [[nodiscard]] cv::Rect content() const;
};

/// The letterbox of a whole film.
/// @param film  size in pixels
/// @param spacing  used for the aspect of a pixel only
/// @param net_size  side of the square, pixels
/// @throws Error(internal) unless all sizes and the spacing are positive.
Letterbox letterbox(cv::Size film, const std::optional<Spacing>& spacing, int net_size);

/// Affine map from the network pixels of one letterbox to those of another of the same film.
cv::Matx23d net_to_net(const Letterbox& from, const Letterbox& to);

/// The letterbox with the film downscaled in its square, centred, by a factor for each axis (at
/// most 1); for films on which anatomy is larger, or wider, than usual.
Letterbox shrunk(const Letterbox& box, double factor_x, double factor_y);

/// The film in the network's square, in its own grey values: CV_32FC1, padding 0. Downscaling
/// averages over areas, which avoids aliasing.
/// @throws Error(internal) when the box is not of this film's size.
cv::Mat to_square(const Image& film, const Letterbox& box);

/// to_square() stretched to [0,1] by stretch_range().
/// @throws Error(internal) as to_square does.
cv::Mat to_net_square(const Image& film, const Letterbox& box);

/// The grey values that are 0 and 1 in a network's input.
struct GreyRange {
  double low = 0, high = 1;
  /// Linear map of `low` to 0 and `high` to 1 without clipping, CV_32FC1; 0 for an empty range.
  [[nodiscard]] cv::Mat to_unit(const cv::Mat& greys) const;
  /// The inverse map, CV_32FC1.
  [[nodiscard]] cv::Mat to_greys(const cv::Mat& unit) const;
};

/// Stretches the grey range of the film's part of a square from its 0.5th to its 99.5th percentile
/// (measured at the square's resolution) to [0,1], clipping values outside; padding becomes 0. A
/// flat film becomes 0. The last step of to_net_square(), for squares made in another way.
/// @param square  CV_32FC1 in any unit, changed in place
/// @param content  the film's part of the square
/// @returns the grey values that became 0 and 1
GreyRange stretch_range(cv::Mat& square, const cv::Rect& content);

/// The named views (InputSpec::views) of one square, each CV_32FC1 in [0,1], in the order asked
/// for. PEN_6 after PECI-Net (Park et al. 2024): original, CLAHE, double CLAHE, sharpening + CLAHE,
/// sharpening + double CLAHE, contrast stretching; also "equal_hist". CLAHE: clip limit 2, 8x8
/// tiles; sharpening: the 3x3 kernel (0 -1 0, -1 5 -1, 0 -1 0); contrast stretching: 2nd to 98th
/// percentile of the nonzero pixels. All but the original have 256 grey levels.
/// @param square  CV_32FC1 in [0,1]
/// @throws Error(usage) for an unknown view; the message lists the known ones.
std::vector<cv::Mat> make_views(const cv::Mat& square, const std::vector<std::string>& views);

}  // namespace spine
