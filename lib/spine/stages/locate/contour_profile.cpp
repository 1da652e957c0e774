#include "spine/stages/locate/contour_profile.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace spine {
namespace {

constexpr double kMaxBulge = 0.06;  // of the depth
constexpr double kMaxCorrectionDeg = 2;
constexpr double kFirst = 0.02, kLast = 0.98;  // samples lie between these fractions of a side
constexpr double kSliceOverlap = 1.2;
// Mean bulge of an endplate's middle part, in depths: explained by rounded corners alone, and
// certain to come from an oblique projection.
constexpr double kStraight = 0.016, kOblique = 0.026;

// Regression weights of the profile samples, in degrees.
#include "spine/stages/locate/endplate_correction.inc"

double correction_deg(const ContourProfile& weight_deg, const ContourProfile& profile) {
  const double sum = std::inner_product(profile.begin(), profile.end(), weight_deg.begin(), 0.0);
  return std::clamp(sum, -kMaxCorrectionDeg, kMaxCorrectionDeg);
}

/// Linear interpolation of unknown samples between the known ones, constant beyond them.
void fill_gaps(std::span<double> samples, const std::vector<std::size_t>& known) {
  if (known.empty()) {
    std::fill(samples.begin(), samples.end(), 0.0);
    return;
  }
  std::fill(samples.begin(), samples.begin() + static_cast<long>(known.front()),
            samples[known.front()]);
  std::fill(samples.begin() + static_cast<long>(known.back()), samples.end(),
            samples[known.back()]);
  for (std::size_t k = 1; k < known.size(); ++k) {
    const std::size_t from = known[k - 1], to = known[k];
    for (std::size_t i = from + 1; i < to; ++i) {
      const double share = static_cast<double>(i - from) / static_cast<double>(to - from);
      samples[i] = samples[from] + share * (samples[to] - samples[from]);
    }
  }
}

/// Samples the distance of the outline to the left of the line from one corner to another.
void sample_side(const Points& outline, cv::Point2d from, cv::Point2d to, double depth,
                 std::span<double> samples) {
  const double length = cv::norm(to - from);
  if (length <= 0) return;
  const Axes axes = Axes::with_forward(from, (to - from) * (1 / length));
  const Points local = to_local(outline, axes);
  const auto count = static_cast<double>(samples.size());
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double u = length * (kFirst + (kLast - kFirst) * static_cast<double>(i) / (count - 1));
    double most = -depth;  // the opposite side is about as far away
    for (const auto& p : local) {
      if (std::abs(p.x - u) < 0.5 * kSliceOverlap * length / count) most = std::max(most, p.y);
    }
    samples[i] = std::clamp(most / depth, -kMaxBulge, kMaxBulge);
    if (most > -0.5 * depth) known.push_back(i);
  }
  fill_gaps(samples, known);
}

}  // namespace

double obliquity(const ContourProfile& profile) {
  const auto mean_bulge = [&](std::size_t first) {
    const std::span<const double> middle(&profile[first + kPlateSamples / 5],
                                         kPlateSamples - 2 * (kPlateSamples / 5));
    return std::accumulate(middle.begin(), middle.end(), 0.0) / static_cast<double>(middle.size());
  };
  const double most = std::max(mean_bulge(0), mean_bulge(kPlateSamples));
  return std::clamp((most - kStraight) / (kOblique - kStraight), 0.0, 1.0);
}

ContourProfile contour_profile(const Points& outline, const VertebraCorners& corners) {
  const auto& [sup, inf] = corners;
  const double depth = 0.5 * (cv::norm(sup.ant - sup.post) + cv::norm(inf.ant - inf.post));
  ContourProfile profile{};
  if (depth <= 0) return profile;
  const std::span<double> all(profile);
  const auto top = all.first(kPlateSamples), bottom = all.subspan(kPlateSamples, kPlateSamples);
  const auto front = all.subspan(2 * kPlateSamples, kWallSamples), back = all.last(kWallSamples);
  // Once around the body, so that the outside is always on the left.
  sample_side(outline, sup.post, sup.ant, depth, top);
  sample_side(outline, inf.ant, inf.post, depth, bottom);
  sample_side(outline, sup.ant, inf.ant, depth, front);
  sample_side(outline, inf.post, sup.post, depth, back);
  return profile;
}

EndplateCorrections default_endplate_corrections(const ContourProfile& profile) {
  const double share = obliquity(profile);
  return {share * correction_deg(kSuperiorTurn, profile),
          share * correction_deg(kInferiorTurn, profile)};
}

Endplate rotated(const Endplate& plate, double deg) {
  const cv::Point2d middle = midpoint(plate);
  const cv::Point2d half = rotated(0.5 * (plate.ant - plate.post), deg);
  return {middle - half, middle + half};
}

}  // namespace spine
