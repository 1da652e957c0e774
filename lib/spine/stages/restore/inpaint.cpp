#include "spine/stages/restore/inpaint.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "spine/core/error.h"

namespace spine {
namespace {

// The Telea and Navier-Stokes methods visit every pixel of the neighbourhood for each pixel that
// they fill in, and both numbers grow with the film's resolution. Up to this number of visits (some
// seconds) holes are filled at full resolution, otherwise at the highest resolution within it.
constexpr double kMostVisits = 5e8;

double visits(double hole_px, double radius_px) {
  const double side = 2 * std::ceil(radius_px) + 1;
  return hole_px * side * side;
}

/// Factor by which the film is downscaled before filling, 1 within kMostVisits.
int reduction_for(double hole_px, double radius_px) {
  int reduction = 1;
  while (visits(hole_px / (reduction * reduction), radius_px / reduction) > kMostVisits) {
    ++reduction;
  }
  return reduction;
}

/// Calls `fill` for each connected hole and its surroundings, so that the time depends on the holes
/// and not on the film's size.
template <typename Fill>
void for_each_hole(const cv::Mat& mask, int margin, Fill&& fill) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  cv::Mat grown;
  cv::dilate(mask, grown, cv::getStructuringElement(cv::MORPH_RECT, {margin, margin}));
  const int count = cv::connectedComponentsWithStats(grown, labels, stats, centroids);
  for (int i = 1; i < count; ++i) {
    const cv::Rect box(stats.at<int>(i, cv::CC_STAT_LEFT) - margin,
                       stats.at<int>(i, cv::CC_STAT_TOP) - margin,
                       stats.at<int>(i, cv::CC_STAT_WIDTH) + 2 * margin,
                       stats.at<int>(i, cv::CC_STAT_HEIGHT) + 2 * margin);
    const cv::Rect inside = box & cv::Rect({0, 0}, mask.size());
    cv::Mat hole = mask(inside).clone();
    hole.setTo(0, labels(inside) != i);
    fill(inside, hole);
  }
}

cv::Mat filled(const cv::Mat& pixels, const cv::Mat& hole, double radius_px, int method) {
  cv::Mat result;
  cv::inpaint(pixels, hole, result, radius_px, method);
  return result;
}

/// A downscaled picture, averaged over the pixels outside the hole.
struct Reduced {
  cv::Mat values;  ///< CV_32FC1
  cv::Mat weight;  ///< CV_32FC1, share of each pixel outside the hole, 0 to 1
};
Reduced reduce(const cv::Mat& picture, const cv::Mat& hole, cv::Size size) {
  Reduced result;
  cv::Mat valid, sum;
  cv::Mat(hole == 0).convertTo(valid, CV_32F, 1.0 / 255.0);
  cv::resize(valid, result.weight, size, 0, 0, cv::INTER_AREA);
  cv::resize(picture.mul(valid), sum, size, 0, 0, cv::INTER_AREA);
  result.values = sum / (result.weight + 1e-6);
  return result;
}

/// As filled(), downscaled by `reduction`.
cv::Mat filled_coarsely(const cv::Mat& pixels, const cv::Mat& hole, double radius_px, int method,
                        int reduction) {
  constexpr double kMinValid = 0.25;  // least share of a coarse pixel outside the hole
  const cv::Size size((pixels.cols + reduction - 1) / reduction,
                      (pixels.rows + reduction - 1) / reduction);
  cv::Mat grey, coarse, fine;
  pixels.convertTo(grey, CV_32F);
  const Reduced reduced = reduce(grey, hole, size);
  reduced.values.convertTo(coarse, pixels.type());
  coarse = filled(coarse, reduced.weight < kMinValid, std::max(1.0, radius_px / reduction), method);
  cv::resize(coarse, fine, pixels.size(), 0, 0, cv::INTER_LINEAR);
  return fine;
}

/// Extends values into a hole by Laplace's equation with the values at its rim as boundary, relaxed
/// from coarse to fine. Unlike the Telea and Navier-Stokes methods it makes no streaks.
/// @param values  CV_32FC1
/// @param hole  CV_8UC1; where it covers everything the values are left as they are
cv::Mat continued(const cv::Mat& values, const cv::Mat& hole) {
  constexpr int kSweeps = 24;
  constexpr int kSmallest = 4;
  const int holes = cv::countNonZero(hole);
  cv::Mat result = values.clone();
  if (holes == 0 || holes == static_cast<int>(hole.total())) return result;
  cv::Mat valid;
  cv::Mat(hole == 0).convertTo(valid, CV_32F, 1.0 / 255.0);
  if (std::min(values.cols, values.rows) <= kSmallest) {
    result.setTo(cv::mean(values, hole == 0), hole);
    return result;
  }
  const cv::Size half((values.cols + 1) / 2, (values.rows + 1) / 2);
  cv::Mat weight;
  cv::Mat sum;
  cv::resize(valid, weight, half, 0, 0, cv::INTER_AREA);
  cv::resize(values.mul(valid), sum, half, 0, 0, cv::INTER_AREA);
  const cv::Mat coarse = continued(sum / (weight + 1e-6), weight < 1e-3);
  cv::Mat guess;
  cv::resize(coarse, guess, values.size(), 0, 0, cv::INTER_LINEAR);
  guess.copyTo(result, hole);
  const cv::Matx33f neighbours(0, 0.25F, 0, 0.25F, 0, 0.25F, 0, 0.25F, 0);
  for (int i = 0; i < kSweeps; ++i) {
    cv::Mat mean;
    cv::filter2D(result, mean, CV_32F, neighbours, {-1, -1}, 0, cv::BORDER_REPLICATE);
    mean.copyTo(result, hole);
  }
  return result;
}

/// The reconstruction inside the hole, plus the difference that the film has to it around the hole,
/// continued inwards: the hole's edge shows no step, and the network's structure stays. The
/// difference is smooth, so it is continued at a coarser scale, which also keeps noise out.
cv::Mat textured(const cv::Mat& pixels, const cv::Mat& hole, const cv::Mat& reconstruction,
                 double radius_px) {
  const double scale = std::min(1.0, 2.0 / radius_px);
  const cv::Size size(std::max(8, cvRound(pixels.cols * scale)),
                      std::max(8, cvRound(pixels.rows * scale)));
  cv::Mat grey;
  pixels.convertTo(grey, CV_32F);
  const Reduced coarse = reduce(grey - reconstruction, hole, size);
  cv::Mat full;
  cv::resize(continued(coarse.values, coarse.weight < 0.25), full, pixels.size(), 0, 0,
             cv::INTER_CUBIC);
  cv::Mat result;
  cv::Mat(reconstruction + full).convertTo(result, pixels.type());
  return result;
}

}  // namespace

Image inpaint(const Image& film, const cv::Mat& mask, const InpaintOptions& options,
              const cv::Mat& reconstruction) {
  if (mask.size() != film.size() || mask.type() != CV_8UC1) {
    throw Error(ErrorKind::internal, "inpaint: expected an 8-bit mask of the film's size");
  }
  if (options.method == Inpainting::texture && reconstruction.size() != film.size()) {
    throw Error(ErrorKind::internal, "inpaint: expected a reconstruction of the film's size");
  }
  cv::Mat hole = mask.clone();
  if (const int rim = cvRound(options.rim_px); rim > 0) {
    cv::dilate(mask, hole,
               cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * rim + 1, 2 * rim + 1}));
  }
  const int margin = std::max(3, static_cast<int>(std::ceil(4 * options.radius_px)));
  const int reduction = reduction_for(cv::countNonZero(hole), options.radius_px);
  const auto fill = [&](const cv::Mat& part, const cv::Mat& one, int method) {
    return reduction == 1 ? filled(part, one, options.radius_px, method)
                          : filled_coarsely(part, one, options.radius_px, method, reduction);
  };
  cv::Mat pixels = film.pixels().clone();
  for_each_hole(hole, margin, [&](const cv::Rect& box, const cv::Mat& one) {
    const cv::Mat part = film.pixels()(box);
    cv::Mat patch;
    switch (options.method) {
      case Inpainting::telea:
        patch = fill(part, one, cv::INPAINT_TELEA);
        break;
      case Inpainting::navier_stokes:
        patch = fill(part, one, cv::INPAINT_NS);
        break;
      case Inpainting::texture:
        patch = textured(part, one, reconstruction(box), options.radius_px);
        break;
    }
    patch.copyTo(pixels(box), one & mask(box));
  });
  return Image(pixels, film.info());
}

}  // namespace spine
