#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/stages/locate/contour_profile.h"

// Learning how the rest of a body's outline turns its endplates (contour_profile.h).
namespace spine::train {

/// A body as `fit` reads it from its true mask, and what it should have read.
struct EndplateSample {
  ContourProfile profile{};
  std::array<double, 2> turn_deg{};  ///< superior, inferior: truth against fit, anti-clockwise
};

/// The bodies of a folder of studies with truth: <study>/masks.tif and landmarks.json, as
/// spine-simulate writes them under truth/. Bodies that are turned by more than 20 degrees were
/// misread and are left out.
/// @throws Error(not_found | unreadable).
std::vector<EndplateSample> endplate_samples(const std::filesystem::path& truth);

/// turn = askew(profile) * weight . profile, in degrees.
struct EndplateRule {
  ContourProfile weight_deg{};
  [[nodiscard]] double turn(const ContourProfile& profile) const;
};

/// Ridge regression for superior and inferior endplates; targets are clamped to 5 degrees.
/// @param ridge  penalty of squared weights for each sample
/// @throws Error(usage) for fewer than 100 samples.
std::array<EndplateRule, 2> fit_endplate_rules(const std::vector<EndplateSample>& samples,
                                               double ridge);

/// Mean absolute turn that is left after a rule, in degrees, of the samples.
double mean_turn_left(const std::vector<EndplateSample>& samples, std::size_t plate,
                      const EndplateRule& rule);

/// The rules as C++ source: endplate_correction.inc.
/// @param origin  how they came about; goes into a comment
std::string endplate_rules_source(const std::array<EndplateRule, 2>& rules,
                                  const std::string& origin);

}  // namespace spine::train
