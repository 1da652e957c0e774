#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "spine/core/image.h"
#include "spine/core/measurements.h"
#include "spine/io/overlay.h"

namespace spine {

/// "spine-measurements/1" of design.md, with `polarity_turned` and the film's `notes` added. Values
/// are rounded to 1e-3 of their unit; one that is missing is null and its status says why.
/// `standard_error` is there where it is known; `status` and `review` are those of review().
nlohmann::json to_json(const std::string& study, const Measurements& measurements,
                       const FilmInfo& film, const nlohmann::json& provenance);

/// A row of measurements.csv.
struct ReportRow {
  std::string study, path;
  std::string status;  ///< a Verdict (review.h), or an ErrorKind's name
  std::string error;   ///< one line, empty when ok
  Measurements measurements;
};

/// The columns that every measurements.csv has, in their order, also when all studies failed, so
/// that the tables of several shards can be joined.
const std::vector<std::string>& standard_measurement_names();

/// measurements.csv: study,path,status,error,qc,length_unit (mm or px), the standard measurements,
/// then others (chosen angles) in order of appearance. One row per study in the given order; RFC
/// 4180 quoting; missing values are empty cells; values are rounded to 1e-3. Atomic. @throws
/// Error(output).
void write_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows);
/// measurements_long.csv: study,structure,metric,value,unit,status. The structure is the level or
/// pair of levels ("L4", "L4_L5"), "pelvis" or "spine". A study without measurements is one row
/// with its own status. Atomic. @throws Error(output).
void write_long_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows);

}  // namespace spine
