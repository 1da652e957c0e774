#pragma once
#include <string>
#include <vector>

#include "spine/eval/error_stats.h"

namespace spine {

/// Names of the columns that describe errors in every table, from "MAE" to "%" completed. "in 90
/// %": percent of the truths in the 90 % interval that the standard errors give.
const std::vector<std::string>& stats_columns();

/// The cells under them; numbers are empty where nothing was completed.
std::vector<std::string> stats_cells(const ErrorStats& stats);

/// Whether a measurement is shown in tables for reading: PT, SS, PI, LL, PI_LL, L4_S1 and the
/// segmental angles.
bool is_main_metric(const std::string& name);

}  // namespace spine
