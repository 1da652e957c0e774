#include "spine/stages/locate/landmark_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "spine/core/statistics.h"
#include "spine/stages/locate/expected_position.h"

namespace spine {
namespace {

constexpr double kMaxOverlap = 0.15;        // in heights of a body
constexpr double kTallest = 1.5;            // relative to the median body
constexpr double kEdge = 0.005;             // of the film's height
constexpr double kHeadBeyond = 0.5;         // radii
constexpr double kLeastArcDeg = 200;        // of a head's circle inside the film
constexpr double kMaxHeadDeviation = 0.15;  // radii
// Lordosis of L1 to L3 minus that of L4 to S1, degrees: -54 to 12 on 27 real and 2 simulated
// radiographs, 17 to 44 on the same radiographs upside down.
constexpr double kMaxLordosisDifference = 18, kMaxLordosis = 90;
// Anterior lean of the line from S1 to L1 against the vertical, degrees: 4 +/- 11, range -22 to 36
// on 300 simulated radiographs.
constexpr double kLeanBack = -30, kLeanForward = 45;

/// A level in the anatomical frame; S1 has no lower endplate.
struct Level {
  cv::Point2d top;
  std::optional<cv::Point2d> bottom;
  [[nodiscard]] double height() const { return bottom ? cv::norm(top - *bottom) : 0; }
};
using Levels = std::array<std::optional<Level>, kLumbarCount + 1>;

Levels levels_of(const Landmarks& landmarks, const AnatomicalFrame& frame) {
  const auto middle = [&](const Endplate& plate) {
    return 0.5 * (frame.to_anatomical(plate.post) + frame.to_anatomical(plate.ant));
  };
  Levels levels;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (const auto& body = landmarks.vertebrae[i]) {
      levels[i] = Level{middle(body->sup), middle(body->inf)};
    }
  }
  if (landmarks.s1) levels[kS1] = Level{middle(*landmarks.s1), std::nullopt};
  return levels;
}

/// Median height of the bodies; 0 without any.
double median_height(const Levels& levels) {
  std::vector<double> heights;
  for (const auto& level : levels) {
    if (level && level->bottom) heights.push_back(level->height());
  }
  return median(heights);
}

void check_order_and_gaps(const Levels& levels, std::vector<std::string>& flags) {
  const double height = median_height(levels);
  if (height <= 0) return;
  bool order = false, gap = false;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!levels[i]) continue;
    const Level& upper = *levels[i];
    if (upper.height() > kTallest * height) flags.push_back("implausible_" + level_name(i));
    if (!levels[i + 1]) continue;
    const Level& lower = *levels[i + 1];
    // Caudal direction of the upper body.
    const cv::Point2d axis = (*upper.bottom - upper.top) / std::max(upper.height(), 1e-9);
    const double between = (lower.top - *upper.bottom).dot(axis);
    order = order || lower.top.y >= upper.top.y || between < -kMaxOverlap * height;
    gap = gap || between > kMaxLevelGap * height;
  }
  if (order) flags.emplace_back("order");
  if (gap) flags.emplace_back("level_gap");
}

void check_lean(const Levels& levels, std::vector<std::string>& flags) {
  if (!levels[0] || !levels[kS1]) return;
  const cv::Point2d up = levels[0]->top - levels[kS1]->top;
  const double lean = deg_from_rad(std::atan2(up.x, up.y));
  if (lean < kLeanBack || lean > kLeanForward) flags.emplace_back("column_leans");
}

void check_upside_down(const Landmarks& landmarks, const AnatomicalFrame& frame,
                       std::vector<std::string>& flags) {
  const auto& v = landmarks.vertebrae;
  if (!v[0] || !v[2] || !v[3] || !landmarks.s1) return;
  const auto lordosis_deg = [&](const Endplate& upper, const Endplate& lower) {
    const auto along = [&](const Endplate& plate) {
      return frame.to_anatomical(plate.ant) - frame.to_anatomical(plate.post);
    };
    return angle_between_deg(along(lower), along(upper));
  };
  const double above = lordosis_deg(v[0]->sup, v[2]->sup);
  const double below = lordosis_deg(v[3]->sup, *landmarks.s1);
  if (std::max(std::abs(above), std::abs(below)) > kMaxLordosis) return;  // reported by other flags
  if (above - below > kMaxLordosisDifference) flags.emplace_back("upside_down");
}

/// Arc of a head's circle inside the film, degrees.
double arc_on_film_deg(const FemoralHead& head, cv::Size film, const AnatomicalFrame& frame) {
  int inside = 0;
  for (int deg = 0; deg < 360; ++deg) {
    const double angle = rad_from_deg(deg);
    const double x = head.center.x + head.radius * std::cos(angle);
    const double y = head.center.y + head.radius * frame.rows_per_column() * std::sin(angle);
    if (x >= 0 && y >= 0 && x <= film.width - 1 && y <= film.height - 1) ++inside;
  }
  return inside;
}

void check_edges(const Landmarks& landmarks, const AnatomicalFrame& frame,
                 std::vector<std::string>& flags) {
  const cv::Size film = landmarks.size;
  if (film.empty()) return;
  const auto beyond = [&](cv::Point2d p, const cv::Size2d& margin) {
    return p.x < margin.width || p.y < margin.height || p.x > film.width - 1 - margin.width ||
           p.y > film.height - 1 - margin.height;
  };
  const auto at_edge = [&](const Endplate& plate) {
    const cv::Size2d margin(kEdge * film.height, kEdge * film.height);
    return beyond(plate.post, margin) || beyond(plate.ant, margin);
  };
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& body = landmarks.vertebrae[i];
    if (body && (at_edge(body->sup) || at_edge(body->inf)))
      flags.push_back("cropped_" + level_name(i));
  }
  if (landmarks.s1 && at_edge(*landmarks.s1)) flags.emplace_back("cropped_S1");
  for (std::size_t i = 0; i < landmarks.femoral_heads.size(); ++i) {
    const FemoralHead& head = landmarks.femoral_heads[i];
    const double margin = (1 - kHeadBeyond) * head.radius;
    if (beyond(head.center, {margin, margin * frame.rows_per_column()})) {
      flags.emplace_back(i == 0 ? "cropped_F1" : "cropped_F2");
      if (arc_on_film_deg(head, film, frame) < kLeastArcDeg) {
        flags.emplace_back(i == 0 ? "uncertain_F1" : "uncertain_F2");
      }
    }
  }
}

}  // namespace

void flag_uncertain_heads(const LandmarkUncertainty& uncertainty, std::vector<std::string>& flags) {
  for (std::size_t i = 0; i < uncertainty.femoral_heads.size(); ++i) {
    const std::string name = std::string("F").append(std::to_string(i + 1));
    const auto& deviation = uncertainty.femoral_heads[i];
    const bool cropped = std::find(flags.begin(), flags.end(), "cropped_" + name) != flags.end();
    if (cropped && deviation && *deviation > kMaxHeadDeviation)
      flags.push_back("uncertain_" + name);
  }
}

std::vector<std::string> landmark_flags(const Landmarks& landmarks, const AnatomicalFrame& frame) {
  std::vector<std::string> flags;
  const Levels levels = levels_of(landmarks, frame);
  check_order_and_gaps(levels, flags);
  check_upside_down(landmarks, frame, flags);
  check_lean(levels, flags);
  check_edges(landmarks, frame, flags);
  return flags;
}

}  // namespace spine
