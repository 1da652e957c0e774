#include "spine/stages/locate/contour_quality.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "spine/core/geometry.h"

namespace spine {
namespace {

#include "spine/stages/locate/uncertainty_model.inc"

constexpr double kNearPlate = 0.2, kNearCircle = 0.3;
constexpr std::size_t kPlateBins = 12, kCircleBins = 16;

/// Accumulates outline points near a landmark.
template <std::size_t Bins>
class Accumulator {
 public:
  /// @param place  position along the landmark, 0 to 1
  /// @param off  distance from the landmark's line, in its size
  /// @param width  of the probability edge, in its size
  void add(double place, double off, double width) {
    const auto bin = static_cast<std::size_t>(place * Bins);
    covered_[std::min(bin, Bins - 1)] = true;
    widths_ += width;
    squares_ += off * off;
    ++count_;
  }
  [[nodiscard]] ContourQuality quality(double confidence) const {
    ContourQuality quality;
    quality.confidence = confidence;
    if (count_ == 0) return {1, 1, 0, confidence};  // no contour nearby
    quality.width = widths_ / count_;
    quality.scatter = std::sqrt(squares_ / count_);
    quality.coverage =
        static_cast<double>(std::count(covered_.begin(), covered_.end(), true)) / Bins;
    return quality;
  }

 private:
  std::array<bool, Bins> covered_{};
  double widths_ = 0, squares_ = 0;
  int count_ = 0;
};

cv::Point2d centroid_of(const std::vector<OutlinePoint>& outline) {
  cv::Point2d sum;
  for (const OutlinePoint& p : outline) sum += p.at;
  return outline.empty() ? sum : sum * (1.0 / static_cast<double>(outline.size()));
}

double evaluate(const UncertaintyFeatures& weights, const UncertaintyFeatures& features, double low,
                double high) {
  return std::clamp(std::exp(log_deviation(weights, features)), low, high);
}

EndplateUncertainty endplate_uncertainty(const ScoredLandmark& landmark) {
  const UncertaintyRule& rule = kUncertaintyRules[static_cast<std::size_t>(landmark.kind)];
  const UncertaintyFeatures features = uncertainty_features(landmark.quality);
  return {evaluate(rule[0], features, 0.1, 40), evaluate(rule[1], features, 0.002, 1),
          evaluate(rule[2], features, 0.002, 1)};
}

double head_uncertainty(const ScoredLandmark& landmark) {
  const UncertaintyRule& rule = kUncertaintyRules[static_cast<std::size_t>(LandmarkKind::head)];
  return evaluate(rule[0], uncertainty_features(landmark.quality), 0.005, 2);
}

}  // namespace

ContourQuality endplate_contour_quality(const Endplate& endplate,
                                        const std::vector<OutlinePoint>& outline,
                                        double confidence) {
  const cv::Point2d along = endplate.ant - endplate.post;
  const double length = cv::norm(along);
  Accumulator<kPlateBins> accumulator;
  if (length <= 0) return accumulator.quality(confidence);
  for (const OutlinePoint& p : outline) {
    const cv::Point2d from_post = p.at - endplate.post;
    const double place = from_post.dot(along) / (length * length);
    const double off = along.cross(from_post) / (length * length);
    if (place < 0 || place > 1 || std::abs(off) > kNearPlate) continue;
    accumulator.add(place, off, p.width / length);
  }
  return accumulator.quality(confidence);
}

ContourQuality head_contour_quality(const FemoralHead& head,
                                    const std::vector<OutlinePoint>& outline, double confidence,
                                    const AnatomicalFrame& frame) {
  Accumulator<kCircleBins> accumulator;
  for (const OutlinePoint& p : outline) {
    cv::Point2d from_center = p.at - head.center;
    from_center.y /= frame.rows_per_column();
    const double off = cv::norm(from_center) / head.radius - 1;
    if (std::abs(off) > kNearCircle) continue;
    const double place = std::atan2(from_center.y, from_center.x) / (2 * std::numbers::pi) + 0.5;
    accumulator.add(place, off, p.width / head.radius);
  }
  return accumulator.quality(confidence);
}

std::vector<ScoredLandmark> contour_qualities(const Landmarks& landmarks,
                                              const Segmentation& segmentation,
                                              const AnatomicalFrame& frame) {
  std::vector<ScoredLandmark> scored;
  const auto add_plate = [&](const std::string& name, LandmarkKind kind, const Endplate& endplate,
                             std::size_t structure) {
    scored.push_back({name, kind,
                      endplate_contour_quality(endplate, segmentation.outlines[structure],
                                               segmentation.confidence[structure])});
  };
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (!landmarks.vertebrae[i]) continue;
    const std::string level(to_string(kStructures[i]));
    add_plate(level + ".sup", LandmarkKind::superior, landmarks.vertebrae[i]->sup, i);
    add_plate(level + ".inf", LandmarkKind::inferior, landmarks.vertebrae[i]->inf, i);
  }
  if (landmarks.s1) add_plate("S1.sup", LandmarkKind::sacral, *landmarks.s1, index(Structure::S));
  for (std::size_t i = 0; i < landmarks.femoral_heads.size(); ++i) {
    const FemoralHead& head = landmarks.femoral_heads[i];
    const auto distance = [&](Structure s) {
      const auto& outline = segmentation.outlines[index(s)];
      return outline.empty() ? 1e12 : cv::norm(centroid_of(outline) - head.center);
    };
    const Structure nearest =
        distance(Structure::F2) < distance(Structure::F1) ? Structure::F2 : Structure::F1;
    scored.push_back({std::string("F").append(std::to_string(i + 1)), LandmarkKind::head,
                      head_contour_quality(head, segmentation.outlines[index(nearest)],
                                           segmentation.confidence[index(nearest)], frame)});
  }
  return scored;
}

UncertaintyFeatures uncertainty_features(const ContourQuality& quality) {
  return {1, std::log(std::max(quality.width, 1e-3)), std::log(std::max(quality.scatter, 1e-3)),
          std::log(std::clamp(1 - quality.confidence, 0.01, 1.0)), 1 - quality.coverage};
}

double log_deviation(const UncertaintyFeatures& weights, const UncertaintyFeatures& features) {
  return std::inner_product(weights.begin(), weights.end(), features.begin(), 0.0);
}

LandmarkUncertainty default_uncertainty(const std::vector<ScoredLandmark>& scored) {
  LandmarkUncertainty uncertainty;
  for (const ScoredLandmark& landmark : scored) {
    switch (landmark.kind) {
      case LandmarkKind::sacral:
        uncertainty.s1 = endplate_uncertainty(landmark);
        break;
      case LandmarkKind::head:
        uncertainty.femoral_heads.emplace_back(head_uncertainty(landmark));
        break;
      case LandmarkKind::superior:
      case LandmarkKind::inferior: {
        const auto level = static_cast<std::size_t>(landmark.name[1] - '1');
        auto& body = uncertainty.vertebrae[level];
        if (!body) body.emplace();
        (landmark.kind == LandmarkKind::superior ? body->sup : body->inf) =
            endplate_uncertainty(landmark);
        break;
      }
    }
  }
  return uncertainty;
}

}  // namespace spine
