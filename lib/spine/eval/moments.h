#pragma once
#include <optional>
#include <vector>

// Means, standard deviations, correlations and percentiles of lists of values.
namespace spine {

/// Arithmetic mean; NaN for an empty list.
double mean(const std::vector<double>& values);

/// Sample standard deviation (n - 1); 0 for fewer than two values.
double sample_sd(const std::vector<double>& values);

/// Pearson's r of two lists of equal length; nullopt for fewer than two pairs or a constant list.
std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b);

/// Percentile by linear interpolation between closest ranks, as statistics packages report it (type
/// 7 of Hyndman and Fan 1996); nullopt for an empty list.
/// @param percent  0 to 100
std::optional<double> percentile_of(std::vector<double> values, double percent);

}  // namespace spine
