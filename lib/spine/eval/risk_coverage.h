#pragma once
#include <array>
#include <string>
#include <vector>

#include "spine/eval/evaluate.h"

// What standard errors are good for: errors when the least certain films are left out.
namespace spine {

/// Shares of the films that are kept.
inline constexpr std::array kCoverages{1.0, 0.95, 0.9, 0.8, 0.7, 0.5};

/// One measurement over the films that were completed with a standard error.
struct RiskCoverage {
  std::string name, unit;
  std::size_t films = 0;
  /// Mean absolute error over each of kCoverages: the films with the smallest standard errors, at
  /// least one.
  std::array<double, kCoverages.size()> mean_absolute{};
  /// The same when the films with the largest errors are left out instead, which nobody could know:
  /// as low as it gets.
  std::array<double, kCoverages.size()> best{};
};

/// PT, SS, PI and LL, as far as they have standard errors.
std::vector<RiskCoverage> risk_coverage(const Evaluation& evaluation);

/// A row for each measurement, a column for each share; empty without rows.
std::string risk_coverage_markdown(const std::vector<RiskCoverage>& rows);
/// metric,unit,films,kept,mae,best
std::string risk_coverage_csv(const std::vector<RiskCoverage>& rows);

}  // namespace spine
