#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/measurements.h"

// Repeatability: how much values differ between variants of the same film (mirrored, smaller,
// brighter, turned, ...), of which the true values are the same, as the standard deviation within a
// film (Bland and Altman 1996, 10.1136/bmj.313.7059.744).
namespace spine {

/// One film over its variants.
struct FilmRepeatability {
  std::string film;
  int variants = 0;   ///< studies of this film
  int complete = 0;   ///< of these, with SS and LL
  std::string error;  ///< why studies could not be read; empty if all could
  /// Standard deviation of each of kMainAngles over the variants that have it, degrees; nullopt for
  /// fewer than three.
  std::array<std::optional<double>, kMainAngles.size()> deviation_deg;
};

/// Compares `PREDICTIONS/<study>/measurements.json` of the variants of each film. Variants are the
/// studies `<film>~<variant>`, or those that a table names.
/// @param table  empty, or a CSV with columns "study" or "study_id", "film" and, optionally,
///               "turn_deg": by how many degrees the image was turned anti-clockwise as displayed,
///               for which SS and PT are corrected
/// @returns films sorted by name
/// @throws Error(not_found) if there is no film with two variants or more;
///         Error(unreadable | usage) for the table
std::vector<FilmRepeatability> compare_variants(const std::filesystem::path& predictions,
                                                const std::filesystem::path& table = {});

/// Whether any study exists but could not be read.
bool any_unreadable(const std::vector<FilmRepeatability>& films);

/// One row per film, and the median and the 90th percentile of the standard deviations.
std::string to_markdown(const std::vector<FilmRepeatability>& films);
/// The rows as CSV.
std::string to_csv(const std::vector<FilmRepeatability>& films);

}  // namespace spine
