#include "spine/eval/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>

#include "spine/eval/agreement_text.h"
#include "spine/eval/moments.h"

namespace spine {
namespace {

constexpr double kUpper = 0.975;    // of the two-sided 95 %
constexpr double kNormal95 = 1.96;  // standard deviations

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Boost returns NaN or infinity instead of throwing.
using Quiet = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>>;

/// NaN unless both degrees of freedom are positive and finite.
double f_quantile(double numerator, double denominator) {
  const auto is_sound = [](double degrees) { return degrees > 0 && std::isfinite(degrees); };
  if (!is_sound(numerator) || !is_sound(denominator)) return kUnknown;
  return boost::math::quantile(
      boost::math::fisher_f_distribution<double, Quiet>(numerator, denominator), kUpper);
}

double t_quantile(std::size_t degrees) {
  return boost::math::quantile(boost::math::students_t(static_cast<double>(degrees)), kUpper);
}

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// Both ends, or neither if one is not finite.
Estimate with_interval(double value, double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high)) return {value, kUnknown, kUnknown};
  return {value, low, high};
}

/// Mean squares of the two-way analysis of variance without repetition.
struct MeanSquares {
  double subjects = 0, raters = 0, residual = 0;
};

MeanSquares mean_squares(const Ratings& ratings) {
  const std::size_t n = ratings.size(), k = ratings.front().size();
  std::vector<double> rater_means(k, 0), subject_means;
  for (const auto& row : ratings) {
    subject_means.push_back(mean(row));
    for (std::size_t j = 0; j < k; ++j) rater_means[j] += row[j] / static_cast<double>(n);
  }
  const double grand = mean(subject_means);
  MeanSquares squares;
  for (std::size_t i = 0; i < n; ++i) {
    squares.subjects += std::pow(subject_means[i] - grand, 2);
    for (std::size_t j = 0; j < k; ++j) {
      squares.residual += std::pow(ratings[i][j] - subject_means[i] - rater_means[j] + grand, 2);
    }
  }
  for (const double m : rater_means) squares.raters += std::pow(m - grand, 2);
  const auto count = static_cast<double>(n), raters = static_cast<double>(k);
  squares.subjects *= raters / (count - 1);
  squares.raters *= count / (raters - 1);
  squares.residual /= (count - 1) * (raters - 1);
  // Rounding errors of equal ratings are not variance.
  double largest = 0;
  for (const auto& row : ratings) {
    for (const double rating : row) largest = std::max(largest, std::abs(rating));
  }
  const double rounding = 1e-28 * largest * largest;
  for (double* square : {&squares.subjects, &squares.raters, &squares.residual}) {
    if (*square < rounding) *square = 0;  // infinite values are not rounding errors
  }
  return squares;
}

Estimate icc_3_1(const MeanSquares& ms, double n, double k) {
  const double value = (ms.subjects - ms.residual) / (ms.subjects + (k - 1) * ms.residual);
  if (ms.residual <= 0) return {1, 1, 1};
  const double f = ms.subjects / ms.residual, free = (n - 1) * (k - 1);
  const double f_low = f / f_quantile(n - 1, free), f_high = f * f_quantile(free, n - 1);
  return with_interval(value, (f_low - 1) / (f_low + k - 1), (f_high - 1) / (f_high + k - 1));
}

Estimate icc_2_1(const MeanSquares& ms, double n, double k) {
  const double r = (ms.subjects - ms.residual) /
                   (ms.subjects + (k - 1) * ms.residual + k * (ms.raters - ms.residual) / n);
  if (ms.residual <= 0) return {r, r, r};  // divisor in the approximation of the interval
  const double f = ms.raters / ms.residual;
  const double a = k * r * f + n * (1 + (k - 1) * r) - k * r;
  const double b = n * (1 + (k - 1) * r) - k * r;
  // Satterthwaite's degrees of freedom: 0, or 0 / 0, if a vanishes.
  const double free = (k - 1) * (n - 1) * a * a / ((n - 1) * k * k * r * r * f * f + b * b);
  const double f_low = f_quantile(n - 1, free), f_high = f_quantile(free, n - 1);
  const double rest = k * ms.raters + (k * n - k - n) * ms.residual;
  return with_interval(
      r, n * (ms.subjects - f_low * ms.residual) / (f_low * rest + n * ms.subjects),
      n * (f_high * ms.subjects - ms.residual) / (rest + n * f_high * ms.subjects));
}

/// The reason why ratings have no mean squares; empty if they have.
std::string why_no_squares(const Ratings& ratings) {
  if (ratings.size() < 3) return kNotEnoughCases;
  const std::size_t raters = ratings.front().size();
  if (raters < 2) return "not enough raters";
  for (const auto& row : ratings) {
    if (row.size() != raters) return "ratings are missing";
    if (!all_finite(row)) return "ratings that are not finite";
  }
  return "";
}

std::string why_no_agreement(const MeanSquares& squares) {
  if (!all_finite({squares.subjects, squares.raters, squares.residual})) {
    return "ratings that are too large";
  }
  return squares.subjects > 0 ? "" : "no differences between cases";
}

}  // namespace

bool has_interval(const Estimate& estimate) {
  return std::isfinite(estimate.low) && std::isfinite(estimate.high);
}

std::string why_no_agreement(const Ratings& ratings) {
  const std::string reason = why_no_squares(ratings);
  return reason.empty() ? why_no_agreement(mean_squares(ratings)) : reason;
}

std::optional<Agreement> agreement_of(const Ratings& ratings) {
  if (!why_no_squares(ratings).empty()) return std::nullopt;
  const MeanSquares squares = mean_squares(ratings);
  if (!why_no_agreement(squares).empty()) return std::nullopt;
  Agreement agreement;
  agreement.subjects = ratings.size();
  agreement.raters = ratings.front().size();
  const auto n = static_cast<double>(agreement.subjects);
  const auto k = static_cast<double>(agreement.raters);
  agreement.icc_2_1 = icc_2_1(squares, n, k);
  agreement.icc_3_1 = icc_3_1(squares, n, k);
  agreement.sem = std::sqrt(squares.residual);
  agreement.sdc = kNormal95 * std::sqrt(2.0) * agreement.sem;
  return agreement;
}

std::optional<Estimate> pearson_of(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 4 || a.size() != b.size()) return std::nullopt;
  const auto found = correlation(a, b);
  if (!found) return std::nullopt;
  Estimate r;
  r.value = *found;
  const double width = kNormal95 / std::sqrt(static_cast<double>(a.size()) - 3);
  r.low = std::tanh(std::atanh(r.value) - width);
  r.high = std::tanh(std::atanh(r.value) + width);
  return r;
}

std::optional<BlandAltman> bland_altman_of(const std::vector<double>& a,
                                           const std::vector<double>& b) {
  if (a.size() < 3 || a.size() != b.size()) return std::nullopt;
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  if (!all_finite(differences)) return std::nullopt;
  BlandAltman result;
  result.pairs = a.size();
  const auto n = static_cast<double>(a.size());
  const double bias = mean(differences);
  result.sd = sample_sd(differences);
  const double t = t_quantile(a.size() - 1);
  const double bias_width = t * result.sd / std::sqrt(n);
  const double limit_width =
      t * result.sd * std::sqrt(1 / n + kNormal95 * kNormal95 / (2 * (n - 1)));
  const auto around = [](double value, double width) {
    return Estimate{value, value - width, value + width};
  };
  result.bias = around(bias, bias_width);
  result.limit_low = around(bias - kNormal95 * result.sd, limit_width);
  result.limit_high = around(bias + kNormal95 * result.sd, limit_width);
  return result;
}

std::optional<PairedTest> paired_bootstrap(const std::vector<double>& a,
                                           const std::vector<double>& b, std::size_t rounds,
                                           std::uint64_t seed) {
  if (a.size() < 3 || a.size() != b.size() || rounds < 1) return std::nullopt;
  std::vector<double> differences;
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(b[i] - a[i]);
  if (!all_finite(differences)) return std::nullopt;
  // The standard specifies the engine but not the distributions, hence no distribution is used.
  std::mt19937_64 engine(seed);
  const auto n = static_cast<std::uint64_t>(differences.size());
  std::vector<double> means;
  means.reserve(rounds);
  std::size_t not_above = 0, not_below = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    double sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) sum += differences[engine() % n];
    means.push_back(sum / static_cast<double>(n));
    not_above += means.back() <= 0 ? 1 : 0;
    not_below += means.back() >= 0 ? 1 : 0;
  }
  PairedTest test;
  test.patients = a.size();
  test.difference.value = mean(differences);
  test.difference.low = *percentile_of(means, 2.5);
  test.difference.high = *percentile_of(means, 97.5);
  // Add one to both counts so that p > 0 (Davison & Hinkley 1997, section 4.2).
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count + 1) / static_cast<double>(rounds + 1);
  };
  test.p = std::min(1.0, 2 * std::min(share(not_above), share(not_below)));
  return test;
}

}  // namespace spine
