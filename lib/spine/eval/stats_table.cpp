#include "spine/eval/stats_table.h"

#include <algorithm>

#include "spine/eval/moments.h"
#include "spine/eval/text_table.h"

namespace spine {

const std::vector<std::string>& stats_columns() {
  static const std::vector<std::string> kColumns{
      "MAE",     "SD",       "median", "p90",     "p95",       "max", "bias",
      "LoA low", "LoA high", "r",      "in 90 %", "completed", "of",  "%"};
  return kColumns;
}

std::vector<std::string> stats_cells(const ErrorStats& stats) {
  const auto number = [&](std::optional<double> value, int digits) {
    return stats.completed > 0 ? format_number(value, digits) : std::string();
  };
  return {number(stats.mean_absolute, 3),
          number(stats.sd_absolute, 3),
          number(stats.median_absolute, 3),
          number(stats.percentile90_absolute, 3),
          number(stats.percentile95_absolute, 3),
          number(stats.max_absolute, 3),
          number(stats.bias, 3),
          number(stats.limit_low, 3),
          number(stats.limit_high, 3),
          number(stats.pearson, 4),
          stats.with_error == 0 ? std::string()
                                : format_number(100.0 * static_cast<double>(stats.covered) /
                                                    static_cast<double>(stats.with_error),
                                                1),
          std::to_string(stats.completed),
          std::to_string(stats.count),
          format_number(100 * stats.completed_fraction(), 1)};
}

bool is_main_metric(const std::string& name) {
  static const std::vector<std::string> kNames{"PT", "SS", "PI", "LL", "PI_LL", "L4_S1"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
         name.rfind("segmental_", 0) == 0;
}

std::string percentiles_line(const std::string& what, const std::vector<double>& values,
                             const std::string& unit) {
  if (values.empty()) return "";
  return what + ": median " + format_number(percentile_of(values, 50), 2) + unit +
         ", 90th percentile " + format_number(percentile_of(values, 90), 2) + unit +
         " (n = " + std::to_string(values.size()) + ").\n";
}

}  // namespace spine
