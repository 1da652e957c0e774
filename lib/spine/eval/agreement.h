#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// An estimate and its 95 % confidence interval; both ends are NaN if it cannot be computed.
struct Estimate {
  double value = 0, low = 0, high = 0;
};
/// Whether the interval could be computed.
bool has_interval(const Estimate& estimate);

/// Ratings of the same subjects by the same raters: one row per subject, one column per rater,
/// complete. Raters may be observers, sessions of one observer, or a method and the reference.
using Ratings = std::vector<std::vector<double>>;

/// Intraclass correlations for single ratings, two-way models (Shrout & Fleiss 1979,
/// 10.1037/0033-2909.86.2.420, also for the intervals; McGraw & Wong 1996), and the measurement
/// error of a single rating.
struct Agreement {
  std::size_t subjects = 0, raters = 0;
  Estimate icc_2_1;  ///< absolute agreement, random raters
  Estimate icc_3_1;  ///< consistency, fixed raters
  /// Standard error of measurement from the residual mean square (Weir 2005, 10.1519/15184.1), and
  /// the smallest detectable change (95 %): 1.96 sqrt(2) sem. In units of the ratings.
  double sem = 0, sdc = 0;
};

/// Computes the agreement; nullopt if it cannot be computed: fewer than three subjects or two
/// raters, missing or non-finite ratings, or equal means of all subjects. Never throws.
std::optional<Agreement> agreement_of(const Ratings& ratings);
/// The reason why agreement_of() gives nullopt; empty if it does not.
std::string why_no_agreement(const Ratings& ratings);

/// Pearson's r with Fisher's interval; nullopt for fewer than four pairs, a constant list or
/// non-finite values.
/// @param a, b  of equal length
std::optional<Estimate> pearson_of(const std::vector<double>& a, const std::vector<double>& b);

/// Bias of b - a and limits of agreement, each with its interval (Bland & Altman 1986,
/// 10.1016/S0140-6736(86)90837-8; 1999, 10.1177/096228029900800204, for those of the limits).
struct BlandAltman {
  std::size_t pairs = 0;
  double sd = 0;  ///< standard deviation of the differences, n - 1
  Estimate bias, limit_low, limit_high;
};
/// Nullopt for fewer than three pairs or non-finite values.
/// @param a, b  of equal length
std::optional<BlandAltman> bland_altman_of(const std::vector<double>& a,
                                           const std::vector<double>& b);

/// Difference of the means of `b` and `a`, paired by patient: percentile interval and two-sided
/// p-value by bootstrap over patients (Efron & Tibshirani 1993).
struct PairedTest {
  std::size_t patients = 0;
  Estimate difference;
  double p = 1;
};
/// The result is reproducible on every platform for the same seed. Nullopt for fewer than three
/// patients or non-finite values.
/// @param a, b    of equal length
/// @param rounds  number of bootstrap samples
std::optional<PairedTest> paired_bootstrap(const std::vector<double>& a,
                                           const std::vector<double>& b, std::size_t rounds = 10000,
                                           std::uint64_t seed = 1);

}  // namespace spine
