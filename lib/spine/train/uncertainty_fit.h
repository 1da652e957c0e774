#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/stages/locate/contour_quality.h"

// Fitting of the uncertainty model of landmarks (contour_quality.h).
namespace spine::train {

/// A predicted landmark with its error.
struct UncertaintySample {
  LandmarkKind kind = LandmarkKind::superior;
  UncertaintyFeatures features{};
  /// Of an endplate: angle in degrees, shifts of the midpoint along and across in endplate lengths.
  /// Of a head: three times the shift of its centre in radii, divided by the square root of 2, i.e.
  /// per axis.
  std::array<double, 3> error{};
};

/// Compares predicted landmarks (`<study>/{landmarks.json, measurements.json}` of spine-pipeline)
/// with the reference (`<study>/landmarks.json`). Heads are matched to minimize the sum of
/// distances. Studies without a prediction are excluded.
/// @throws Error(not_found | unreadable)
std::vector<UncertaintySample> uncertainty_samples(const std::filesystem::path& predictions,
                                                   const std::filesystem::path& truth);

/// Ridge regression of the logarithms of the errors, calibrated by a constant such that 90 % of the
/// errors lie within 1.645 standard deviations.
/// @throws Error(usage) for fewer than 50 samples of a kind
std::array<UncertaintyRule, kLandmarkKinds> fit_uncertainty_model(
    const std::vector<UncertaintySample>& samples, double ridge);

/// Fraction of the errors of one kind within 1.645 standard deviations.
/// @param error  index into UncertaintySample::error
double coverage_of(const std::vector<UncertaintySample>& samples, LandmarkKind kind,
                   std::size_t error, const UncertaintyRule& rule);

/// Writes the model as C++ source: uncertainty_model.inc.
/// @param origin  how it was obtained; goes into a comment
std::string uncertainty_model_source(const std::array<UncertaintyRule, kLandmarkKinds>& rules,
                                     const std::string& origin);

}  // namespace spine::train
