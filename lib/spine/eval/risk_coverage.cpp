#include "spine/eval/risk_coverage.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "spine/eval/text_table.h"

namespace spine {
namespace {

struct Film {
  double error, standard_error;
};

/// Mean error of the first films, for each coverage.
std::array<double, kCoverages.size()> means_of_first(std::vector<Film> films, double Film::*order) {
  std::stable_sort(films.begin(), films.end(),
                   [&](const Film& a, const Film& b) { return a.*order < b.*order; });
  std::array<double, kCoverages.size()> means{};
  for (std::size_t i = 0; i < kCoverages.size(); ++i) {
    const auto kept =
        std::max<std::ptrdiff_t>(1, std::lround(kCoverages[i] * static_cast<double>(films.size())));
    const double sum =
        std::accumulate(films.begin(), films.begin() + kept, 0.0,
                        [](double total, const Film& film) { return total + film.error; });
    means[i] = sum / static_cast<double>(kept);
  }
  return means;
}

std::string percent(double share) { return format_number(100 * share, 0) + " %"; }

}  // namespace

std::vector<RiskCoverage> risk_coverage(const Evaluation& evaluation) {
  std::vector<RiskCoverage> rows;
  for (const std::string name : kMainAngles) {
    const auto metric = std::find_if(evaluation.metrics.begin(), evaluation.metrics.end(),
                                     [&](const MetricEvaluation& m) { return m.name == name; });
    if (metric == evaluation.metrics.end()) continue;
    std::vector<Film> films;
    for (const ValuePair& pair : metric->pairs) {
      if (!pair.predicted || !pair.standard_error) continue;
      const double error = std::abs(*pair.predicted - pair.truth);
      if (!std::isfinite(error) || !std::isfinite(*pair.standard_error)) continue;
      films.push_back({error, *pair.standard_error});
    }
    if (films.empty()) continue;
    rows.push_back({name, metric->unit, films.size(), means_of_first(films, &Film::standard_error),
                    means_of_first(films, &Film::error)});
  }
  return rows;
}

std::string risk_coverage_markdown(const std::vector<RiskCoverage>& rows) {
  if (rows.empty()) return {};
  std::vector<std::string> header{"MAE at coverage", "unit", "films"};
  for (const double share : kCoverages) header.push_back(percent(share));
  TextTable table(header);
  for (const RiskCoverage& row : rows) {
    std::vector<std::string> cells{row.name, row.unit, std::to_string(row.films)};
    for (const double mae : row.mean_absolute) cells.push_back(format_number(mae, 3));
    table.add(cells);
  }
  return table.to_markdown();
}

std::string risk_coverage_csv(const std::vector<RiskCoverage>& rows) {
  TextTable table({"metric", "unit", "films", "kept", "mae", "best"});
  for (const RiskCoverage& row : rows) {
    for (std::size_t i = 0; i < kCoverages.size(); ++i) {
      table.add({row.name, row.unit, std::to_string(row.films), format_number(kCoverages[i], 2),
                 format_number(row.mean_absolute[i], 4), format_number(row.best[i], 4)});
    }
  }
  return table.to_csv();
}

}  // namespace spine
