#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "spine/core/image.h"
#include "spine/core/measurements.h"
#include "spine/util/atomic_file.h"

namespace spine {

/// Serialises as "spine-measurements/2" (io/README.md). Values are rounded to 1e-3 of their unit; a
/// missing value is null and its status gives the reason. `standard_error` is present if known;
/// `status` and `review` are those of assess(); `not_in_film` lists structures outside the film, if
/// any.
nlohmann::json to_json(const std::string& study, const Measurements& measurements,
                       const FilmInfo& film, const nlohmann::json& provenance);

/// A row of measurements.csv.
struct ReportRow {
  std::string study, path;
  std::string status;  ///< a Verdict (flags.h), or an ErrorKind's name
  std::string error;   ///< one line: why there is no result, or which values are missing and why
  Measurements measurements;
  std::vector<std::string> annotations = {};  ///< cells of the writer's additional columns
};

/// The standard columns of measurements.csv, in order. Present even if all studies failed, so that
/// tables of several shards can be joined.
const std::vector<std::string>& standard_measurement_names();

/// Names of measurements without a standard column (chosen angles).
std::vector<std::string> names_beyond_standard(const Measurements& measurements);

/// Writes measurements.csv row by row: study,path,status,error,qc,length_unit (mm or px), the
/// standard measurements, then others. RFC 4180 quoting; missing values are empty cells; values are
/// rounded to 1e-3. The file appears on commit().
/// All functions: @throws Error(output).
class TableWriter {
 public:
  /// @param others  columns after the standard ones
  /// @param annotations  columns before the measurements: ReportRow::annotations
  TableWriter(const std::filesystem::path& csv, const std::vector<std::string>& others,
              const std::vector<std::string>& annotations = {});
  void add(const ReportRow& row);
  void commit();

 private:
  AtomicFile file_;
  std::vector<std::string> names_;
};

/// Writes measurements_long.csv: study,structure,metric,value,unit,status, one line per value. The
/// structure is a level or pair of levels ("L4", "L4_L5"), "pelvis" or "spine". A study without
/// measurements is one line with its own status. Atomic, errors as above.
class LongTableWriter {
 public:
  /// @param annotations  last columns: ReportRow::annotations
  explicit LongTableWriter(const std::filesystem::path& csv,
                           const std::vector<std::string>& annotations = {});
  void add(const ReportRow& row);
  void commit();

 private:
  AtomicFile file_;
};

}  // namespace spine
