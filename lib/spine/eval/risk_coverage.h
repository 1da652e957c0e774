#pragma once
#include <array>
#include <string>
#include <vector>

#include "spine/eval/evaluate.h"

// What standard errors are good for: errors when the least certain films are left out.
namespace spine {

/// Shares of the films that are kept.
inline constexpr std::array kKeptShares{1.0, 0.95, 0.9, 0.8, 0.7, 0.5};

/// One measurement over the films that were completed with a standard error.
struct KeptErrors {
  std::string name, unit;
  std::size_t films = 0;
  /// Mean absolute error over each of kKeptShares: the films with the smallest standard errors, at
  /// least one.
  std::array<double, kKeptShares.size()> mean_absolute{};
  /// The same when the films with the largest errors are left out instead, which nobody could know:
  /// as low as it gets.
  std::array<double, kKeptShares.size()> best{};
};

/// PT, SS, PI and LL, as far as they have standard errors.
std::vector<KeptErrors> errors_when_kept(const Evaluation& evaluation);

/// A row for each measurement, a column for each share; empty without rows.
std::string kept_markdown(const std::vector<KeptErrors>& rows);
/// metric,unit,films,kept,mae,best
std::string kept_csv(const std::vector<KeptErrors>& rows);

}  // namespace spine
