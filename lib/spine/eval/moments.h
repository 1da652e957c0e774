#pragma once
#include <optional>
#include <vector>

// Means, spreads and correlations of lists of values.
namespace spine {

/// NaN for none.
double mean(const std::vector<double>& values);

/// With n - 1; 0 for fewer than two values.
double sample_sd(const std::vector<double>& values);

/// Pearson's r of two lists of one length; nullopt for fewer than two pairs or a constant list.
std::optional<double> correlation(const std::vector<double>& a, const std::vector<double>& b);

/// Percentile by linear interpolation between closest ranks; nullopt for none.
std::optional<double> percentile_of(std::vector<double> values, double percent);

}  // namespace spine
