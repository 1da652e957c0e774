#include "spine/stages/locate/endplate_window.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/affine.h"
#include "spine/core/geometry.h"
#include "spine/stages/preprocess/preprocess.h"

namespace spine {
namespace {

double middle_of(int net) { return 0.5 * (net - 1); }

}  // namespace

EndplateWindow endplate_window(const Endplate& estimate, Side anterior, bool superior, int net) {
  const cv::Point2d along = estimate.post - estimate.ant;
  const double length = cv::norm(along);
  const double scale = net / (kEndplateWindow * length);
  const cv::Point2d x = along * (scale / length);
  // Perpendicular to it, towards the body.
  const double sign = (anterior == Side::left) == superior ? 1 : -1;
  const cv::Point2d y(-sign * x.y, sign * x.x);
  const cv::Point2d middle = midpoint(estimate);
  return {{x.x, x.y, middle_of(net) - middle.dot(x), y.x, y.y, middle_of(net) - middle.dot(y)},
          net};
}

cv::Mat cut(const cv::Mat& film, const EndplateWindow& window) {
  const int net = window.net;
  const cv::Matx23d to_film = inverted(window.to_window);
  std::vector<cv::Point2f> corners;
  for (const double x : {-0.5, net - 0.5}) {
    for (const double y : {-0.5, net - 0.5}) {
      const cv::Point2d corner = apply(to_film, {x, y});
      corners.emplace_back(static_cast<float>(corner.x), static_cast<float>(corner.y));
    }
  }
  const double scale = std::hypot(window.to_window(0, 0), window.to_window(0, 1));
  // Support of the resampling filters beyond the corners.
  const int margin = static_cast<int>(std::ceil(4 + 4 / scale));
  cv::Rect part = cv::boundingRect(corners);
  part = cv::Rect(part.x - margin, part.y - margin, part.width + 2 * margin,
                  part.height + 2 * margin) &
         cv::Rect({0, 0}, film.size());
  cv::Mat square = cv::Mat::zeros(net, net, CV_32FC1);
  if (part.empty()) return square;

  cv::Mat greys;
  film(part).convertTo(greys, CV_32F);
  cv::Matx23d from_window = to_film;
  from_window(0, 2) -= part.x;
  from_window(1, 2) -= part.y;
  constexpr double kMinScale = 0.75, kReducedScale = 0.9;
  if (scale < kMinScale) {
    // Area averaging to about the window's resolution first.
    const auto reduced = [&](int length) {
      return std::max(1, static_cast<int>(std::lround(length * scale / kReducedScale)));
    };
    const cv::Size size(reduced(greys.cols), reduced(greys.rows));
    from_window = resized(from_window, static_cast<double>(size.width) / greys.cols,
                          static_cast<double>(size.height) / greys.rows);
    cv::resize(greys, greys, size, 0, 0, cv::INTER_AREA);
  }
  cv::warpAffine(greys, square, from_window, square.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT);
  stretch_range(square, {0, 0, net, net});
  return square;
}

EndplateEstimate estimate_of(const Endplate& endplate, const EndplateWindow& window) {
  const auto in_sides = [&](cv::Point2d film) {
    const cv::Point2d p = apply(window.to_window, film);
    return cv::Point2d(p.x - middle_of(window.net), p.y - middle_of(window.net)) / window.net;
  };
  const cv::Point2d front = in_sides(endplate.ant), back = in_sides(endplate.post);
  EndplateEstimate estimate;
  estimate.front = front.x;
  estimate.back = back.x;
  estimate.slope = (back.y - front.y) / (back.x - front.x);
  estimate.height = front.y - estimate.slope * front.x;
  return estimate;
}

Endplate endplate_of(const EndplateEstimate& estimate, const EndplateWindow& window) {
  const cv::Matx23d to_film = inverted(window.to_window);
  const auto on_film = [&](double x) {
    const double y = estimate.height + estimate.slope * x;
    return apply(to_film,
                 {middle_of(window.net) + window.net * x, middle_of(window.net) + window.net * y});
  };
  return {on_film(estimate.back), on_film(estimate.front)};
}

EndplateUncertainty deviation_of(const EndplateEstimate& estimate) {
  const double length = (estimate.back - estimate.front) * std::hypot(1.0, estimate.slope);
  EndplateUncertainty deviation;
  deviation.turn_deg =
      deg_from_rad(estimate.slope_deviation / (1 + estimate.slope * estimate.slope));
  // The midpoint averages the errors of both ends; one network predicts both, so they are taken as
  // fully correlated.
  deviation.along = estimate.ends_deviation / length;
  deviation.across = estimate.height_deviation / length;
  return deviation;
}

}  // namespace spine
