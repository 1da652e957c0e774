#include "spine/stages/restore/implant_mask.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

cv::Mat disc(double radius) {
  const int r = std::max(1, static_cast<int>(std::lround(radius)));
  return cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * r + 1, 2 * r + 1});
}

/// Mean of the film over the part of a neighbourhood that a mask selects.
struct LocalMean {
  cv::Mat mean, weight;
};
LocalMean local_mean(const cv::Mat& film, const cv::Mat& mask, int window) {
  LocalMean result;
  cv::Mat selected;
  cv::Mat sum;
  mask.convertTo(selected, CV_32F, 1.0 / 255.0);
  cv::blur(selected, result.weight, {window, window});
  cv::blur(film.mul(selected), sum, {window, window});
  result.mean = sum / (result.weight + 1e-6);
  return result;
}

/// Refines the outline of an implant's probability by the film's greys.
/// @param film  part of the film, in the network's greys
/// @param unit  film pixels per network pixel
/// @returns CV_8UC1 0/255
cv::Mat refined(const cv::Mat& film, const cv::Mat& probability, double threshold, double level,
                double unit) {
  constexpr double kMaxError = 1.2;    // network pixels, largest error of the network's outline
  constexpr double kNear = 3.0;        // network pixels over which greys are averaged
  constexpr double kInside = 0.7;      // probability of pixels that count as inside
  constexpr double kStep = 0.02;       // least visible step in grey
  constexpr double kMinWeight = 0.01;  // least share of the neighbourhood for a mean
  const cv::Mat coarse = probability >= threshold;
  cv::Mat wide;
  cv::Mat narrow;
  cv::dilate(coarse, wide, disc(kMaxError * unit));
  cv::erode(coarse, narrow, disc(kMaxError * unit));
  const int window = 2 * static_cast<int>(std::lround(kNear * unit)) + 1;
  const LocalMean inside = local_mean(film, probability >= kInside, window);
  const LocalMean outside = local_mean(film, wide == 0, window);
  const cv::Mat border = (1 - level) * outside.mean + level * inside.mean;
  // Without a visible step in grey the network's outline is kept.
  const cv::Mat step = inside.mean - outside.mean;
  cv::Mat decided = (step > kStep) & (inside.weight > kMinWeight) & (outside.weight > kMinWeight);
  decided &= wide & ~narrow;
  cv::Mat result = coarse.clone();
  cv::Mat(film > border).copyTo(result, decided);
  cv::medianBlur(result, result, 3);
  return result;
}

}  // namespace

cv::Mat implant_mask_by_baseline(const cv::Mat& film, const cv::Mat& reconstruction,
                                 const Letterbox& box) {
  constexpr double kGamma = 0.35, kFirst = 50.0 / 256, kLast = 206.0 / 256;
  const cv::Rect content = box.content();
  const auto prepare = [&](const cv::Mat& square) {
    cv::Mat grey = cv::max(square(content), 0);
    const int first = static_cast<int>(std::lround(kFirst * grey.cols));
    const int last = static_cast<int>(std::lround(kLast * grey.cols));
    grey.colRange(0, first).setTo(0);
    grey.colRange(last, grey.cols).setTo(0);
    cv::pow(grey, kGamma, grey);
    cv::Mat bytes;
    grey.convertTo(bytes, CV_8U, 255);
    return bytes;
  };
  cv::Mat difference;
  cv::subtract(prepare(film), prepare(reconstruction), difference);
  cv::morphologyEx(difference, difference, cv::MORPH_OPEN,
                   cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  cv::Mat mask;
  cv::threshold(difference, mask, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
  cv::Mat large;
  cv::resize(mask, large, box.film, 0, 0, cv::INTER_LINEAR);
  return large > 127;
}

cv::Mat implant_mask_by_brightness(const Image& film, double threshold) {
  double low = 0;
  double high = 0;
  cv::minMaxLoc(film.pixels(), &low, &high);
  return film.pixels() > low + threshold * (high - low);
}

ImplantMask implant_mask(const Image& film, const cv::Mat& probability, const Letterbox& box,
                         const GreyRange& greys, const ImplantMaskOptions& options) {
  constexpr int kGrow = 2;    // network pixels around a component in which its outline may lie
  constexpr int kMargin = 6;  // network pixels around it for the mean grey outside
  ImplantMask result;
  result.mask = cv::Mat::zeros(film.size(), CV_8UC1);
  cv::minMaxLoc(probability(box.content()), nullptr, &result.confidence);
  result.confidence = std::min(result.confidence, options.threshold);
  const double unit = 0.5 / box.scale_x + 0.5 / box.scale_y;  // film pixels per network pixel
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count =
      cv::connectedComponentsWithStats(probability >= options.threshold, labels, stats, centroids);
  for (int i = 1; i < count; ++i) {
    double peak = 0;
    cv::minMaxLoc(probability, nullptr, &peak, nullptr, nullptr, labels == i);
    if (stats.at<int>(i, cv::CC_STAT_AREA) < options.min_area) continue;
    result.confidence = std::max(result.confidence, peak);
    if (peak < options.seed) continue;
    // The component and its surroundings at film resolution, without other components.
    cv::Rect net(stats.at<int>(i, cv::CC_STAT_LEFT) - kMargin,
                 stats.at<int>(i, cv::CC_STAT_TOP) - kMargin,
                 stats.at<int>(i, cv::CC_STAT_WIDTH) + 2 * kMargin,
                 stats.at<int>(i, cv::CC_STAT_HEIGHT) + 2 * kMargin);
    net &= box.content();
    const cv::Point2d first = box.to_film({net.x - 0.5, net.y - 0.5});
    const cv::Point2d last = box.to_film({net.x + net.width - 0.5, net.y + net.height - 0.5});
    const cv::Rect part = cv::Rect(cv::Point(cvRound(first.x), cvRound(first.y)),
                                   cv::Point(cvRound(last.x), cvRound(last.y))) &
                          cv::Rect({0, 0}, film.size());
    if (part.empty()) continue;
    cv::Mat grown;
    cv::dilate(labels == i, grown, disc(kGrow));
    grown.setTo(0, (labels != i) & (labels != 0));
    cv::Mat own = cv::Mat::zeros(probability.size(), CV_32FC1);
    probability.copyTo(own, grown);
    cv::Mat large;
    cv::resize(own(net), large, part.size(), 0, 0, cv::INTER_CUBIC);
    cv::Mat outlined =
        refined(greys.to_unit(film.pixels()(part)), large, options.threshold, options.level, unit);
    if (options.margin * unit >= 0.5) cv::dilate(outlined, outlined, disc(options.margin * unit));
    cv::Mat target = result.mask(part);
    outlined.setTo(0, target);
    const double area = cv::countNonZero(outlined);
    if (area == 0) continue;
    cv::Rect tight = cv::boundingRect(outlined);
    tight += part.tl();
    result.parts.push_back({tight, area, peak});
    target |= outlined;
  }
  std::sort(result.parts.begin(), result.parts.end(),
            [](const ImplantPart& a, const ImplantPart& b) { return a.area_px > b.area_px; });
  return result;
}

}  // namespace spine
