#include "spine/stages/measure/film_extent.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {
namespace {

// exposed_field(): side of the reduced image, tolerated fraction of deviating pixels in a line,
// range of grey values of a blank line, minimum remaining fraction of a side.
constexpr int kSide = 256;
constexpr double kOutliers = 0.1, kFlat = 0.04, kMinPart = 0.2;

constexpr double kDepthOverHeight = 1.28, kPitch = 1.35, kDisc = 0.35;  // in heights of a body
constexpr double kEdge = 0.15;
// Hip axis: distance from S1 in body depths, pelvic tilt in degrees. Head: radius in body depths,
// margin in radii.
constexpr double kHipDistance = 3.3, kHipDistanceSd = 0.5, kTilt = 17, kTiltSd = 12;
constexpr double kRadius = 0.68, kHeadEdge = 0.25;

std::vector<float> values_of(const cv::Mat& grey) {
  std::vector<float> values;
  values.reserve(grey.total());
  for (int y = 0; y < grey.rows; ++y) {
    values.insert(values.end(), grey.ptr<float>(y), grey.ptr<float>(y) + grey.cols);
  }
  return values;
}

/// Whether a row or column is nearly uniform.
bool is_blank(const cv::Mat& line, double flat) {
  std::vector<float> values = values_of(line);
  const double high = quantile(values, 1 - kOutliers / 2);
  return high - quantile(values, kOutliers / 2) <= flat;
}

/// The range of rows without blank rows at the top and at the bottom, between these columns.
cv::Range exposed_rows(const cv::Mat& grey, const cv::Range& columns, double flat) {
  const cv::Mat part = grey.colRange(columns);
  cv::Range rows(0, grey.rows);
  while (rows.start < rows.end && is_blank(part.row(rows.start), flat)) ++rows.start;
  while (rows.end > rows.start && is_blank(part.row(rows.end - 1), flat)) --rows.end;
  return rows;
}

cv::Point2d middle(const Endplate& plate, const AnatomicalFrame& frame) {
  return 0.5 * (frame.to_anatomical(plate.post) + frame.to_anatomical(plate.ant));
}

double length(const Endplate& plate, const AnatomicalFrame& frame) {
  return cv::norm(frame.to_anatomical(plate.post) - frame.to_anatomical(plate.ant));
}

/// Extrapolated positions of structures that were not found, in the anatomical frame.
class Extent {
 public:
  Extent(const Landmarks& landmarks, const AnatomicalFrame& frame, const cv::Rect& field)
      : landmarks_(landmarks), frame_(frame) {
    std::vector<double> depths, heights;
    for (const auto& body : landmarks.vertebrae) {
      if (!body) continue;
      heights.push_back(cv::norm(middle(body->sup, frame) - middle(body->inf, frame)));
      for (const Endplate& plate : {body->sup, body->inf}) depths.push_back(length(plate, frame));
    }
    if (!heights.empty()) {
      height_ = median(heights);
      depth_ = median(depths);
    } else if (landmarks.s1) {
      depth_ = length(*landmarks.s1, frame);
      height_ = depth_ / kDepthOverHeight;
    }
    const cv::Point2d a = frame.to_anatomical(cv::Point2d(field.tl()));
    const cv::Point2d b = frame.to_anatomical(cv::Point2d(field.br() - cv::Point(1, 1)));
    low_ = {std::min(a.x, b.x), std::min(a.y, b.y)};
    high_ = {std::max(a.x, b.x), std::max(a.y, b.y)};
  }

  /// Whether a landmark gives the size of a body.
  [[nodiscard]] bool has_scale() const { return height_ > 0 && depth_ > 0; }

  [[nodiscard]] std::vector<std::string> outside() const {
    std::vector<std::string> names;
    for (std::size_t level = 0; level <= kS1; ++level) {
      if (found(level)) continue;
      const auto position = endplate(level);
      if (!position || is_visible(level, *position)) continue;
      names.push_back(level_name(level));
    }
    if (landmarks_.femoral_heads.empty() && hips_beyond()) names.emplace_back("femoral heads");
    return names;
  }

 private:
  [[nodiscard]] bool found(std::size_t level) const {
    return level == kS1 ? landmarks_.s1.has_value() : landmarks_.vertebrae[level].has_value();
  }

  [[nodiscard]] bool inside(const cv::Point2d& p, double margin) const {
    return p.x >= low_.x + margin && p.x <= high_.x - margin && p.y >= low_.y + margin &&
           p.y <= high_.y - margin;
  }

  [[nodiscard]] cv::Point2d top(std::size_t level) const {
    return middle(level == kS1 ? *landmarks_.s1 : landmarks_.vertebrae[level]->sup, frame_);
  }

  /// Whether both ends of an endplate, taken perpendicular to the spine's axis, lie in the field.
  [[nodiscard]] bool is_visible(std::size_t level, const cv::Point2d& middle) const {
    const cv::Point2d up = step_up(std::clamp(level, uppermost_found(), lowest_found()));
    const cv::Point2d half =
        cv::Point2d(up.y, -up.x) * (0.5 * depth_ / std::max(cv::norm(up), 1e-9));
    const double margin = kEdge * height_;
    return inside(middle - half, margin) && inside(middle + half, margin);
  }

  /// The uppermost and the lowest level that were found.
  [[nodiscard]] std::size_t uppermost_found() const {
    std::size_t level = 0;
    while (level < kS1 && !found(level)) ++level;
    return level;
  }
  [[nodiscard]] std::size_t lowest_found() const {
    std::size_t level = kS1;
    while (level > 0 && !found(level)) --level;
    return level;
  }

  /// Step to the next cranial level, from the neighbour of a body where that was found.
  [[nodiscard]] cv::Point2d step_up(std::size_t level) const {
    for (const std::size_t upper : {level, level - 1}) {
      if (upper < kS1 && found(upper) && found(upper + 1)) {
        return top(upper) - top(upper + 1);
      }
    }
    if (level == kS1) return {0, kPitch * height_};
    const cv::Point2d up = top(level) - middle(landmarks_.vertebrae[level]->inf, frame_);
    return up * (kPitch * height_ / std::max(cv::norm(up), 1e-9));
  }

  /// Middle of the superior endplate of a level above or below all that were found; nullopt for one
  /// between them.
  [[nodiscard]] std::optional<cv::Point2d> endplate(std::size_t level) const {
    const std::size_t uppermost = uppermost_found(), lowest = lowest_found();
    if (!found(uppermost)) return std::nullopt;
    if (level < uppermost) {
      return top(uppermost) + static_cast<double>(uppermost - level) * step_up(uppermost);
    }
    if (level < lowest) return std::nullopt;
    const auto& body = landmarks_.vertebrae[lowest];
    const cv::Point2d down = -step_up(lowest);
    const cv::Point2d next =
        middle(body->inf, frame_) + down * (kDisc * height_ / std::max(cv::norm(down), 1e-9));
    return next + static_cast<double>(level - lowest - 1) * down;
  }

  /// Whether heads lie outside for more than half of the weight of their expected positions.
  [[nodiscard]] bool hips_beyond() const {
    const auto s1 = landmarks_.s1 ? std::optional(top(kS1)) : endplate(kS1);
    if (!s1) return false;
    const double margin = kHeadEdge * kRadius * depth_;
    double all = 0, beyond = 0;
    for (double u = -2; u <= 2; u += 0.5) {
      for (double v = -2; v <= 2; v += 0.5) {
        const double weight = std::exp(-0.5 * (u * u + v * v));
        const double distance = kHipDistance + u * kHipDistanceSd;
        const double tilt = rad_from_deg(kTilt + v * kTiltSd);
        const cv::Point2d hips =
            *s1 + cv::Point2d(distance * std::sin(tilt) * depth_,
                              -distance * std::cos(tilt) * height_ * kDepthOverHeight);
        all += weight;
        if (!inside(hips, margin)) beyond += weight;
      }
    }
    return beyond > 0.5 * all;
  }

  const Landmarks& landmarks_;
  const AnatomicalFrame& frame_;
  double depth_ = 0, height_ = 0;  ///< of a body
  cv::Point2d low_, high_;         ///< corners of the field
};

}  // namespace

cv::Rect exposed_field(const Image& film) {
  const cv::Rect whole({}, film.size());
  const double scale =
      std::min(1.0, static_cast<double>(kSide) / std::max(whole.width, whole.height));
  const cv::Size size(std::max(1, cvRound(whole.width * scale)),
                      std::max(1, cvRound(whole.height * scale)));
  cv::Mat small, grey;
  cv::resize(film.pixels(), small, size, 0, 0, cv::INTER_AREA);
  small.convertTo(grey, CV_32F);
  std::vector<float> values = values_of(grey);
  const double low = quantile(values, 0.005), high = quantile(values, 0.995);
  const double flat = kFlat * (high - low);
  cv::Range rows(0, size.height), columns(0, size.width);
  for (int round = 0; round < 2 && !rows.empty() && !columns.empty(); ++round) {
    rows = exposed_rows(grey, columns, flat);
    if (!rows.empty()) columns = exposed_rows(grey.t(), rows, flat);
  }
  if (rows.size() < kMinPart * size.height || columns.size() < kMinPart * size.width) {
    return whole;
  }
  const cv::Size2d step(static_cast<double>(whole.width) / size.width,
                        static_cast<double>(whole.height) / size.height);
  const cv::Point from(cvRound(columns.start * step.width), cvRound(rows.start * step.height));
  const cv::Point to(cvRound(columns.end * step.width), cvRound(rows.end * step.height));
  return cv::Rect(from, to) & whole;
}

std::vector<std::string> beyond_film(const Landmarks& landmarks, const AnatomicalFrame& frame,
                                     const cv::Rect& field) {
  if (field.empty()) return {};
  const Extent extent(landmarks, frame, field);
  return extent.has_scale() ? extent.outside() : std::vector<std::string>{};
}

}  // namespace spine
