#include <algorithm>
#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "spine/stages/locate/locate_methods.h"

namespace spine {

namespace {

constexpr double kSacrumRotationDeg = 20;

/// Vertices of the convex hull of a region's pixels, on the film mirrored so that the patient faces
/// left. The farthest pixel from any point or line and the leftmost one are always among them.
std::vector<cv::Point2d> hull_pixels(const Region& region, const LocateInput& input) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(region.mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  std::vector<cv::Point> all, hull;
  for (const auto& contour : contours) all.insert(all.end(), contour.begin(), contour.end());
  cv::convexHull(all, hull);
  std::vector<cv::Point2d> points;
  for (const cv::Point& p : hull) {
    const cv::Point film = p + region.box.tl();
    points.emplace_back(input.anterior == Side::left ? film.x : input.film.width - 1 - film.x,
                        film.y);
  }
  return points;
}

cv::Point2d mirrored_back(cv::Point2d p, const LocateInput& input) {
  if (input.anterior == Side::right) p.x = input.film.width - 1 - p.x;
  return p;
}

cv::Point2d farthest_from(const std::vector<cv::Point2d>& points, cv::Point2d from) {
  return *std::max_element(points.begin(), points.end(), [&](cv::Point2d a, cv::Point2d b) {
    return cv::norm(a - from) < cv::norm(b - from);
  });
}

cv::Point2d leftmost(const std::vector<cv::Point2d>& points) {
  return *std::min_element(points.begin(), points.end(), [](cv::Point2d a, cv::Point2d b) {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
  });
}

/// Four steps to the farthest point from the current one, starting at `from`.
std::array<cv::Point2d, 4> walk(const std::vector<cv::Point2d>& points, cv::Point2d from) {
  std::array<cv::Point2d, 4> list;
  for (auto& point : list) {
    point = farthest_from(points, from);
    from = point;
  }
  return list;
}

/// Algorithm 1: four corners, unordered.
std::array<cv::Point2d, 4> lumbar_key_points(const std::vector<cv::Point2d>& points) {
  const auto list_f = walk(points, farthest_from(points, leftmost(points)));
  const cv::Point2d along = list_f[3] - list_f[2];
  const cv::Point2d seed =
      *std::max_element(points.begin(), points.end(), [&](cv::Point2d a, cv::Point2d b) {
        return std::abs(along.cross(a - list_f[2])) < std::abs(along.cross(b - list_f[2]));
      });
  const auto list_s = walk(points, farthest_from(points, seed));
  return {list_s[0], list_s[1], list_f[0], list_f[1]};
}

std::optional<VertebraCorners> label_corners(std::array<cv::Point2d, 4> corners,
                                             const LocateInput& input, std::size_t level) {
  std::array<std::pair<cv::Point2d, cv::Point2d>, 4> both;  // film, anatomical
  for (std::size_t i = 0; i < 4; ++i) {
    const cv::Point2d film = mirrored_back(corners[i], input);
    both[i] = {film, input.frame.to_anatomical(film)};
  }
  const cv::Point2d up = input.up[level];
  const cv::Point2d forward(up.y, -up.x);
  std::sort(both.begin(), both.end(),
            [&](const auto& a, const auto& b) { return a.second.dot(up) > b.second.dot(up); });
  const auto endplate = [&](std::size_t first) {
    const auto &a = both[first], &b = both[first + 1];
    return a.second.dot(forward) < b.second.dot(forward) ? Endplate{a.first, b.first}
                                                         : Endplate{b.first, a.first};
  };
  return VertebraCorners{endplate(0), endplate(2)};
}

/// Algorithm 2: the ends of the S1 superior endplate.
Endplate sacrum_key_points(const std::vector<cv::Point2d>& points, const LocateInput& input) {
  const double a = rad_from_deg(kSacrumRotationDeg);
  const cv::Matx22d rotation(std::cos(a), std::sin(a), -std::sin(a), std::cos(a));
  std::vector<cv::Point2d> rotated;
  for (const auto& p : points) rotated.push_back(rotation * p);
  const cv::Point2d front = leftmost(rotated);
  const cv::Point2d top =
      *std::min_element(rotated.begin(), rotated.end(), [](auto p, auto q) { return p.y < q.y; });
  return {mirrored_back(rotation.t() * top, input), mirrored_back(rotation.t() * front, input)};
}

/// Algorithm 3: centre of mass; the radius is that of a circle of equal area.
FemoralHead femoral_head(const Region& region) {
  return {region.centroid_px, std::sqrt(region.area_px / std::numbers::pi)};
}

}  // namespace

LocateMethodResult locate_baseline(const LocateInput& input) {
  LocateMethodResult result;
  for (std::size_t level = 0; level < kLumbarCount; ++level) {
    if (!input.regions[level]) continue;
    const auto points = hull_pixels(*input.regions[level], input);
    result.vertebrae[level] = label_corners(lumbar_key_points(points), input, level);
  }
  if (const auto& sacrum = input.regions[index(Structure::S)]) {
    result.s1 = sacrum_key_points(hull_pixels(*sacrum, input), input);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& head = input.regions[index(Structure::F1) + i];
    if (head) result.heads[i] = femoral_head(*head);
  }
  return result;
}

}  // namespace spine
