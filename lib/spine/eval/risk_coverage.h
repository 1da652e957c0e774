#pragma once
#include <array>
#include <string>
#include <vector>

#include "spine/eval/evaluate.h"

// Risk-coverage analysis (selective prediction): errors when the least certain films are rejected.
namespace spine {

/// Coverages: fractions of the films that are accepted.
inline constexpr std::array kCoverages{1.0, 0.95, 0.9, 0.8, 0.7, 0.5};

/// Risk-coverage of one measurement over the films completed with a standard error.
struct RiskCoverage {
  std::string name, unit;
  std::size_t films = 0;
  /// Mean absolute error at each of kCoverages: over the films with the smallest standard errors,
  /// at least one film.
  std::array<double, kCoverages.size()> mean_absolute{};
  /// Oracle: the same if the films with the largest errors are rejected; a lower bound.
  std::array<double, kCoverages.size()> best{};
};

/// Risk-coverage of PT, SS, PI and LL, if they have standard errors.
std::vector<RiskCoverage> risk_coverage(const Evaluation& evaluation);

/// Markdown table with a row per measurement and a column per coverage; empty without rows.
std::string risk_coverage_markdown(const std::vector<RiskCoverage>& rows);
/// CSV with the columns metric, unit, films, kept, mae, best.
std::string risk_coverage_csv(const std::vector<RiskCoverage>& rows);

}  // namespace spine
