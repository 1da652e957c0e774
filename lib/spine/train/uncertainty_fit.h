#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/stages/locate/contour_quality.h"

// Learning how far landmarks are off (contour_quality.h).
namespace spine::train {

/// A landmark as the pipeline found it, and how far it was off.
struct UncertaintySample {
  LandmarkKind kind = LandmarkKind::superior;
  UncertaintyFeatures features{};
  /// Turn in degrees, shifts of the middle along and across in lengths; of a head thrice its
  /// centre's shift in radii, over the square root of 2: that along one axis.
  std::array<double, 3> error{};
};

/// Landmarks of predictions (<study>/{landmarks.json, measurements.json} of spine-pipeline) against
/// those of the truth (<study>/landmarks.json). Heads are paired so that the sum of the distances
/// is least. Studies without a prediction are left out.
/// @throws Error(not_found | unreadable).
std::vector<UncertaintySample> uncertainty_samples(const std::filesystem::path& predictions,
                                                   const std::filesystem::path& truth);

/// Ridge regression of the errors' logarithms, then a constant by which 90 % of the errors lie
/// within 1.645 standard deviations.
/// @throws Error(usage) for fewer than 50 samples of a kind.
std::array<UncertaintyRule, kLandmarkKinds> fit_uncertainty_model(
    const std::vector<UncertaintySample>& samples, double ridge);

/// Share of a kind's errors within 1.645 standard deviations.
double coverage_of(const std::vector<UncertaintySample>& samples, LandmarkKind kind,
                   std::size_t error, const UncertaintyRule& rule);

/// The rules as C++ source: uncertainty_model.inc.
/// @param origin  how they came about; goes into a comment
std::string uncertainty_model_source(const std::array<UncertaintyRule, kLandmarkKinds>& rules,
                                     const std::string& origin);

}  // namespace spine::train
