#include "spine/stages/segment/components.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/core/structure.h"

namespace spine {
namespace {

// Smallest area of a component, as a share of the square.
constexpr double kMinAreaFraction = 0.0002;
// Evidence for every level, as a share of a body's mass, whatever the channels show.
constexpr double kLabelPrior = 0.02;

double hull_area(const cv::Mat& mask) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
  std::vector<cv::Point> hull;
  cv::convexHull(contours.front(), hull);
  // A hull through pixel centres excludes half a pixel all round.
  return cv::contourArea(hull) + 0.5 * cv::arcLength(hull, true) + 1;
}

/// Position and weights of four neighbours for Keys' cubic convolution (a = -1/2, 1981).
struct Taps {
  int first = 0;
  std::array<float, 4> weight{};
};

Taps cubic_taps(double position) {
  const double floor = std::floor(position);
  const auto t = static_cast<float>(position - floor);
  Taps taps;
  taps.first = static_cast<int>(floor) - 1;
  taps.weight = {t * (-0.5F + t * (1.0F - 0.5F * t)), 1.0F + t * t * (-2.5F + 1.5F * t),
                 t * (0.5F + t * (2.0F - 1.5F * t)), t * t * (-0.5F + 0.5F * t)};
  return taps;
}

}  // namespace

std::vector<Component> components_of(const cv::Mat& probability, double threshold) {
  cv::Mat labels, stats, centroids;
  const cv::Mat above = probability >= threshold;
  const int count = cv::connectedComponentsWithStats(above, labels, stats, centroids);
  const double min_area = kMinAreaFraction * static_cast<double>(probability.total());
  std::vector<Component> components;
  for (int i = 1; i < count; ++i) {
    Component c;
    c.area = stats.at<int>(i, cv::CC_STAT_AREA);
    if (c.area < min_area) continue;
    c.box = {stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
             stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)};
    c.mask = labels == i;
    c.mass = cv::mean(probability, c.mask)[0] * c.area;
    c.center = {centroids.at<double>(i, 0), centroids.at<double>(i, 1)};
    c.solidity = c.area / hull_area(c.mask);
    components.push_back(std::move(c));
  }
  std::sort(components.begin(), components.end(),
            [](const Component& a, const Component& b) { return a.mass > b.mass; });
  return components;
}

cv::Mat any_body(std::span<const cv::Mat> probabilities) {
  cv::Mat any = probabilities[0].clone();
  for (std::size_t i = 1; i < kLumbarCount; ++i) any += probabilities[i];
  return cv::min(any, 1.0);
}

std::array<double, kLevelCount> level_evidence(std::span<const cv::Mat> probabilities,
                                               const Component& body) {
  std::array<double, kLevelCount> evidence{};
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const double channel_evidence = cv::mean(probabilities[i], body.mask)[0] * body.area;
    evidence[i] = channel_evidence + kLabelPrior * body.mass;
  }
  return evidence;
}

std::vector<cv::Point2d> edge_of(const cv::Mat& mask) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_TC89_KCOS);
  std::vector<cv::Point2d> points;
  for (const auto& contour : contours) points.insert(points.end(), contour.begin(), contour.end());
  return points;
}

double shared_area(const Component& a, const Component& b) {
  return (a.box & b.box).area() > 0 ? cv::countNonZero(a.mask & b.mask) : 0;
}

cv::Mat isolated(const cv::Mat& plane, const Component& component, double threshold) {
  cv::Mat near, others, grown;
  cv::dilate(component.mask, near, cv::Mat::ones(5, 5, CV_8U));
  others = (plane >= threshold) & ~component.mask;
  cv::dilate(others, grown, {});
  cv::Mat alone = cv::Mat::zeros(plane.size(), CV_32FC1);
  plane.copyTo(alone, near & (~grown | component.mask));
  return alone;
}

MaskCrop upsampled_mask(const cv::Mat& alone, const cv::Rect& component, const Letterbox& box,
                        double threshold) {
  constexpr double kMargin = 2;
  const cv::Point2d first = box.to_film({component.x - kMargin, component.y - kMargin});
  const cv::Point2d last = box.to_film(
      {component.x + component.width - 1 + kMargin, component.y + component.height - 1 + kMargin});
  const int x0 = std::max(0, cvFloor(first.x)), x1 = std::min(box.film.width - 1, cvCeil(last.x));
  const int y0 = std::max(0, cvFloor(first.y)), y1 = std::min(box.film.height - 1, cvCeil(last.y));
  if (x1 < x0 || y1 < y0) return {};
  MaskCrop mask{{{x0, y0}, cv::Point(x1 + 1, y1 + 1)}, {}};
  mask.pixels.create(mask.box.size(), CV_8UC1);
  // Beyond the film's edge the last row or column is repeated; padding is not sampled.
  const cv::Rect content = box.content() & cv::Rect(0, 0, box.net, box.net);
  const auto column_at = [&](int x) {
    return static_cast<std::size_t>(std::clamp(x, content.x, content.br().x - 1));
  };
  const auto row_at = [&](int y) { return std::clamp(y, content.y, content.br().y - 1); };

  std::vector<Taps> columns;
  for (int x = x0; x <= x1; ++x) columns.push_back(cubic_taps(box.to_net({1.0 * x, 0}).x));
  std::vector<float> line(static_cast<std::size_t>(box.net));
  for (int y = y0; y <= y1; ++y) {
    const Taps rows = cubic_taps(box.to_net({0, 1.0 * y}).y);
    std::fill(line.begin(), line.end(), 0.0F);
    for (int k = 0; k < 4; ++k) {
      const float* row = alone.ptr<float>(row_at(rows.first + k));
      const float weight = rows.weight[static_cast<std::size_t>(k)];
      for (std::size_t x = 0; x < line.size(); ++x) line[x] += weight * row[x];
    }
    uchar* out = mask.pixels.ptr<uchar>(y - y0);
    for (int x = x0; x <= x1; ++x) {
      const Taps& taps = columns[static_cast<std::size_t>(x - x0)];
      float value = 0;
      for (int k = 0; k < 4; ++k) {
        value += taps.weight[static_cast<std::size_t>(k)] * line[column_at(taps.first + k)];
      }
      out[x - x0] = value >= static_cast<float>(threshold) ? 255 : 0;
    }
  }
  return mask;
}

}  // namespace spine
