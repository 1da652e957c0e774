#pragma once
#include <string>
#include <vector>

#include "spine/eval/error_stats.h"

namespace spine {

/// Names of the columns of error statistics in every table, from "MAE" to "%" completed. "in 90 %":
/// percentage of reference values within the 90 % interval from the standard errors.
const std::vector<std::string>& stats_columns();

/// The cells of these columns; empty if nothing was completed.
std::vector<std::string> stats_cells(const ErrorStats& stats);

/// Whether a measurement is shown in summary tables: PT, SS, PI, LL, PI_LL, L4_S1 and the segmental
/// angles.
bool is_main_metric(const std::string& name);

/// "<what>: median M<unit>, 90th percentile P<unit> (n = N).", with two decimals and a line end;
/// empty without values.
std::string percentiles_line(const std::string& what, const std::vector<double>& values,
                             const std::string& unit);

}  // namespace spine
