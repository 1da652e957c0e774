#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spine {

/// An estimate and its 95 % confidence interval, whose ends are NaN where it cannot be computed.
struct Estimate {
  double value = 0, low = 0, high = 0;
};
/// Whether the interval could be computed.
bool has_interval(const Estimate& estimate);

/// Ratings of the same subjects by the same raters: one row a subject, one column a rater, none
/// missing. Raters may be readers, a reader's sessions, or a method and the truth.
using Ratings = std::vector<std::vector<double>>;

/// Intraclass correlations for single ratings, two-way models (Shrout & Fleiss 1979,
/// 10.1037/0033-2909.86.2.420, which also gives the intervals; McGraw & Wong 1996), and what they
/// say of a single rating's error.
struct Agreement {
  std::size_t subjects = 0, raters = 0;
  Estimate icc_2_1;  ///< absolute agreement, raters drawn from many
  Estimate icc_3_1;  ///< consistency, these raters
  /// Standard error of measurement, by the residual mean square (Weir 2005,
  /// 10.1519/15184.1), and the smallest change that is beyond it (95 %): 1.96 sqrt(2) sem.
  double sem = 0, sdc = 0;
};

/// Nullopt where it cannot be computed: fewer than three subjects or two raters, ratings that are
/// missing or not finite, or no differences between the subjects' means. Never throws.
std::optional<Agreement> agreement_of(const Ratings& ratings);
/// Why there is no agreement_of these, in a few words; empty where there is one.
std::string why_no_agreement(const Ratings& ratings);

/// Pearson's r with Fisher's interval; nullopt for fewer than four pairs, a constant side or values
/// that are not finite.
std::optional<Estimate> pearson_of(const std::vector<double>& a, const std::vector<double>& b);

/// Bias of b - a and its limits of agreement, each with its interval (Bland & Altman 1986,
/// 10.1016/S0140-6736(86)90837-8; 1999, 10.1177/096228029900800204, for the limits'). Nullopt for
/// fewer than three pairs or values that are not finite.
struct BlandAltman {
  std::size_t pairs = 0;
  double sd = 0;  ///< of the differences, n - 1
  Estimate bias, limit_low, limit_high;
};
std::optional<BlandAltman> bland_altman_of(const std::vector<double>& a,
                                           const std::vector<double>& b);

/// How much larger the mean of `b` is than that of `a`, value by value of the same patients:
/// percentile interval and two-sided p-value by bootstrap over patients (Efron & Tibshirani 1993).
/// The same seed gives the same numbers on every machine. Nullopt for fewer than three patients or
/// values that are not finite.
struct PairedTest {
  std::size_t patients = 0;
  Estimate difference;
  double p = 1;
};
std::optional<PairedTest> paired_bootstrap(const std::vector<double>& a,
                                           const std::vector<double>& b, std::size_t rounds = 10000,
                                           std::uint64_t seed = 1);

}  // namespace spine
