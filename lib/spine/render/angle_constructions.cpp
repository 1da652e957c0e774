#include "spine/render/angle_constructions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "spine/core/geometry.h"

namespace spine {
namespace {

/// Construction lines and arcs of the pelvic angles and lordosis. Directions are computed in the
/// anatomical frame, where angles are correct also with non-square pixels.
class Construction {
 public:
  Construction(Canvas& canvas, const Image& film, const Landmarks& landmarks,
               const Measurements& measurements)
      : canvas_(canvas),
        frame_(landmarks.anterior, film.info().spacing),
        landmarks_(landmarks),
        measurements_(measurements) {
    if (!landmarks.femoral_heads.empty()) {
      cv::Point2d sum(0, 0);
      for (const auto& head : landmarks.femoral_heads) sum += head.center;
      hip_ =
          frame_.to_anatomical(sum * (1.0 / static_cast<double>(landmarks.femoral_heads.size())));
    }
    if (landmarks.s1) {
      s1_post_ = frame_.to_anatomical(landmarks.s1->post);
      s1_ant_ = frame_.to_anatomical(landmarks.s1->ant);
      s1_length_ = cv::norm(s1_ant_ - s1_post_);
    }
  }

  void draw() {
    if (has_s1()) {
      draw_sacral_slope();
      if (hip_) draw_pelvis();
      draw_lordosis();
    }
    if (hip_) draw_hip_axis();
  }

 private:
  [[nodiscard]] bool has_s1() const { return landmarks_.s1 && s1_length_ > 0; }
  [[nodiscard]] cv::Point2d film_point(cv::Point2d p) const { return frame_.to_film(p); }
  void ray(cv::Point2d from, cv::Point2d to, const cv::Scalar& color) {
    canvas_.dashed_line(film_point(from), film_point(to), color, 1.1);
  }
  /// Draws the shorter arc between two directions, with the value beyond its middle.
  void arc(cv::Point2d vertex, cv::Point2d from, cv::Point2d to, double radius,
           const std::string& name, const cv::Scalar& color) {
    const double start = std::atan2(from.y, from.x);
    const double sweep = rad_from_deg(angle_between_deg(from, to));
    constexpr int kSteps = 24;
    std::vector<cv::Point2d> points;
    for (int i = 0; i <= kSteps; ++i) {
      const double angle = start + sweep * i / kSteps;
      points.push_back(film_point(vertex + radius * cv::Point2d(std::cos(angle), std::sin(angle))));
    }
    canvas_.rimmed_polyline(points, false, color, 1.4);
    const double mid = start + sweep / 2;
    const std::string words = label(name);
    const cv::Point2d vertex_px = film_point(vertex);
    cv::Point2d outward =
        film_point(vertex + cv::Point2d(std::cos(mid), std::sin(mid))) - vertex_px;
    outward *= 1.0 / std::max(1e-9, cv::norm(outward));
    const auto size = canvas_.text_size(words, kLabelHeight);
    const double gap = canvas_.px(6) + std::abs(outward.x) * size.width / 2 +
                       std::abs(outward.y) * size.height / 2;
    canvas_.centered_text(words, points[kSteps / 2] + outward * gap, color, kLabelHeight);
  }
  [[nodiscard]] std::string label(const std::string& name) const {
    return name + " " + value_text(measurements_.find(name));
  }

  void draw_sacral_slope() {
    const cv::Point2d back = (s1_post_ - s1_ant_) * (1.0 / s1_length_);
    const double reach = s1_length_ * 1.25;
    const cv::Point2d level(-1, 0);
    ray(s1_post_, s1_post_ + back * reach, kSsColor);
    ray(s1_post_, s1_post_ + level * reach, kSsColor);
    arc(s1_post_, level, back, s1_length_ * 0.95, "SS", kSsColor);
  }

  void draw_pelvis() {
    const cv::Point2d center = (s1_post_ + s1_ant_) * 0.5;
    const cv::Point2d along = (s1_ant_ - s1_post_) * (1.0 / s1_length_);
    const cv::Point2d normal(along.y, -along.x);  // caudal, since x is anterior and y up
    const cv::Point2d to_hip = *hip_ - center;
    const double distance = cv::norm(to_hip);
    if (!(distance > 0)) return;
    const double reach = std::min(distance * 0.75, s1_length_ * 1.6);
    ray(center, center + normal * reach, kPiColor);
    canvas_.rimmed_line(film_point(center), film_point(*hip_), kPiColor, 1.1);
    arc(center, normal, to_hip, reach * 0.7, "PI", kPiColor);
    const cv::Point2d up(0, 1);
    ray(*hip_, *hip_ + up * distance, kPtColor);
    arc(*hip_, up, -to_hip, distance * 0.55, "PT", kPtColor);
    canvas_.dot(film_point(center), kPiColor, 3);
  }

  void draw_hip_axis() {
    if (landmarks_.femoral_heads.size() == 2) {
      canvas_.rimmed_line(landmarks_.femoral_heads[0].center, landmarks_.femoral_heads[1].center,
                          kPtColor, 1.0);
    }
    canvas_.dot(film_point(*hip_), kPtColor, 3.5);
  }

  /// Draws the L1 and S1 endplates extended posteriorly, where they meet in a lordotic spine.
  void draw_lordosis() {
    if (!landmarks_.vertebrae[0]) return;
    const cv::Point2d l1_post = frame_.to_anatomical(landmarks_.vertebrae[0]->sup.post);
    const cv::Point2d l1_ant = frame_.to_anatomical(landmarks_.vertebrae[0]->sup.ant);
    const double l1_length = cv::norm(l1_post - l1_ant);
    if (!(l1_length > 0)) return;
    const cv::Point2d back = (l1_post - l1_ant) * (1.0 / l1_length);
    const cv::Point2d s1_back = (s1_post_ - s1_ant_) * (1.0 / s1_length_);
    const auto crossing = intersect({l1_post, back}, {s1_post_, s1_back});
    const double longest = s1_length_ * 2.6;
    const auto behind = [&](cv::Point2d from, cv::Point2d direction) {
      return crossing ? (*crossing - from).dot(direction) : -1.0;
    };
    const double from_l1 = behind(l1_post, back);
    const double from_s1 = behind(s1_post_, s1_back);
    const bool meets = from_l1 > 0 && from_s1 > 0 && from_l1 < longest && from_s1 < longest;
    if (meets) {
      ray(l1_post, *crossing, kLlColor);
      ray(s1_post_, *crossing, kLlColor);
      arc(*crossing, -back, -s1_back, std::min(from_l1, from_s1) * 0.5, "LL", kLlColor);
      return;
    }
    const double reach = s1_length_ * 1.25;
    ray(l1_post, l1_post + back * reach, kLlColor);
    const cv::Point2d halfway = (l1_post + s1_post_) * 0.5 + cv::Point2d(-1.45 * s1_length_, 0);
    // If S1's line is already drawn for the sacral slope, a bracket marks the angle.
    canvas_.centered_text(label("LL"), film_point(halfway), kLlColor, kLabelHeight);
    const cv::Point2d top = l1_post + back * reach * 0.9;
    const cv::Point2d bottom = s1_post_ + s1_back * reach * 0.9;
    const double gap = 0.14 * cv::norm(top - bottom);
    const cv::Point2d down =
        (bottom - halfway) * (1.0 / std::max(1e-9, cv::norm(bottom - halfway)));
    const cv::Point2d rise = (top - halfway) * (1.0 / std::max(1e-9, cv::norm(top - halfway)));
    ray(halfway + rise * gap, top, kLlColor);
    ray(halfway + down * gap, bottom, kLlColor);
  }

  static constexpr double kLabelHeight = 13;

  Canvas& canvas_;
  AnatomicalFrame frame_;
  const Landmarks& landmarks_;
  const Measurements& measurements_;
  std::optional<cv::Point2d> hip_;
  cv::Point2d s1_post_, s1_ant_;
  double s1_length_ = 0;
};

}  // namespace

std::string value_text(const Measurement* m) {
  if (m == nullptr || !m->value) return "n/a";
  std::array<char, 64> number{};
  std::snprintf(number.data(), number.size(), "%.1f", *m->value);
  std::string text = number.data();
  if (text == "-0.0") text = "0.0";
  if (m->unit == "deg") return text + "\u00b0";
  return m->unit.empty() || m->unit == "ratio" ? text : text + " " + m->unit;
}

void draw_angle_constructions(Canvas& canvas, const Image& film, const Landmarks& landmarks,
                              const Measurements& measurements) {
  Construction(canvas, film, landmarks, measurements).draw();
}

}  // namespace spine
