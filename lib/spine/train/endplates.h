#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/stages/locate/contour_profile.h"

// Fitting of the endplate angle correction from the contour profile of a vertebral body
// (contour_profile.h).
namespace spine::train {

/// A body measured by `fit` in its true mask, and the reference.
struct EndplateSample {
  ContourProfile profile{};
  /// Superior, inferior: angle from fit to reference, anti-clockwise.
  std::array<double, 2> turn_deg{};
};

/// The bodies of a folder of simulated studies: `<study>/masks.tif` and landmarks.json, as written
/// by spine-simulate under truth/. Bodies with an angle error above 20 degrees were misread and are
/// excluded.
/// @throws Error(not_found | unreadable)
std::vector<EndplateSample> endplate_samples(const std::filesystem::path& truth);

/// A linear correction: angle = obliquity(profile) * weight . profile, in degrees.
struct EndplateRule {
  ContourProfile weight_deg{};
  /// The correction for a profile, degrees.
  [[nodiscard]] double turn(const ContourProfile& profile) const;
};

/// Ridge regression for superior and inferior endplates; targets are clamped to 5 degrees.
/// @param ridge  penalty of squared weights per sample
/// @throws Error(usage) for fewer than 100 samples
std::array<EndplateRule, 2> fit_endplate_rules(const std::vector<EndplateSample>& samples,
                                               double ridge);

/// Mean absolute angle error after the correction, in degrees.
/// @param plate  0 superior, 1 inferior
double mean_residual_deg(const std::vector<EndplateSample>& samples, std::size_t plate,
                         const EndplateRule& rule);

/// Writes the rules as C++ source: endplate_correction.inc.
/// @param origin  how they were obtained; goes into a comment
std::string endplate_rules_source(const std::array<EndplateRule, 2>& rules,
                                  const std::string& origin);

}  // namespace spine::train
