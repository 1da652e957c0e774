#include "spine/stages/inpaint.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "spine/core/error.h"

namespace spine {
namespace {

/// Connected holes are filled one by one, so that a large film costs no more than its metal.
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

/// Values continued into a hole as a membrane that is held at its rim (Laplace's equation), relaxed
/// from coarse to fine. Unlike Telea's or Navier and Stokes' way it carries no streaks inwards.
/// @param values  CV_32FC1
/// @param hole  CV_8UC1; where it covers everything the values are left as they are
cv::Mat continued(const cv::Mat& values, const cv::Mat& hole) {
  constexpr int kSweeps = 24;
  constexpr int kSmallest = 4;
  const int holes = cv::countNonZero(hole);
  cv::Mat result = values.clone();
  if (holes == 0 || holes == static_cast<int>(hole.total())) return result;
  cv::Mat seen;
  cv::Mat(hole == 0).convertTo(seen, CV_32F, 1.0 / 255.0);
  if (std::min(values.cols, values.rows) <= kSmallest) {
    result.setTo(cv::mean(values, hole == 0), hole);
    return result;
  }
  const cv::Size half((values.cols + 1) / 2, (values.rows + 1) / 2);
  cv::Mat weight;
  cv::Mat sum;
  cv::resize(seen, weight, half, 0, 0, cv::INTER_AREA);
  cv::resize(values.mul(seen), sum, half, 0, 0, cv::INTER_AREA);
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

/// The drawn picture inside the hole, plus the difference that the film has to it around the hole,
/// continued inwards: the hole's edge shows no step, and the network's structure stays. The
/// difference is smooth, so it is continued at a coarser scale, which also keeps noise out.
cv::Mat textured(const cv::Mat& pixels, const cv::Mat& hole, const cv::Mat& drawn,
                 double radius_px) {
  const double scale = std::min(1.0, 2.0 / radius_px);
  const cv::Size size(std::max(8, cvRound(pixels.cols * scale)),
                      std::max(8, cvRound(pixels.rows * scale)));
  cv::Mat grey;
  pixels.convertTo(grey, CV_32F);
  const cv::Mat difference = grey - drawn;
  // Averages over what is seen alone.
  cv::Mat seen;
  cv::Mat weight;
  cv::Mat sum;
  cv::Mat(hole == 0).convertTo(seen, CV_32F, 1.0 / 255.0);
  cv::resize(seen, weight, size, 0, 0, cv::INTER_AREA);
  cv::resize(difference.mul(seen), sum, size, 0, 0, cv::INTER_AREA);
  const cv::Mat coarse = sum / (weight + 1e-6);
  cv::Mat full;
  cv::resize(continued(coarse, weight < 0.25), full, pixels.size(), 0, 0, cv::INTER_CUBIC);
  cv::Mat result;
  cv::Mat(drawn + full).convertTo(result, pixels.type());
  return result;
}

}  // namespace

Image inpaint(const Image& film, const cv::Mat& mask, const InpaintOptions& options,
              const cv::Mat& drawn) {
  if (mask.size() != film.size() || mask.type() != CV_8UC1) {
    throw Error(ErrorKind::internal, "inpaint: the mask is not of the film's size");
  }
  if (options.method == Inpainting::texture && drawn.size() != film.size()) {
    throw Error(ErrorKind::internal, "inpaint: the drawn picture is not of the film's size");
  }
  cv::Mat hole = mask.clone();
  if (const int rim = cvRound(options.rim_px); rim > 0) {
    cv::dilate(mask, hole,
               cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * rim + 1, 2 * rim + 1}));
  }
  const int margin = std::max(3, static_cast<int>(std::ceil(4 * options.radius_px)));
  cv::Mat pixels = film.pixels().clone();
  for_each_hole(hole, margin, [&](const cv::Rect& box, const cv::Mat& one) {
    const cv::Mat part = film.pixels()(box);
    cv::Mat patch;
    switch (options.method) {
      case Inpainting::telea:
        patch = filled(part, one, options.radius_px, cv::INPAINT_TELEA);
        break;
      case Inpainting::navier_stokes:
        patch = filled(part, one, options.radius_px, cv::INPAINT_NS);
        break;
      case Inpainting::texture:
        patch = textured(part, one, drawn(box), options.radius_px);
        break;
    }
    patch.copyTo(pixels(box), one & mask(box));
  });
  return Image(pixels, film.info());
}

}  // namespace spine
