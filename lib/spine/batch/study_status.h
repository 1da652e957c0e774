#pragma once
#include <string_view>

#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/report_io.h"

namespace spine::batch {

/// Status of a study, as in the column "status" of the tables: the verdict on its values, or why it
/// has none.
enum class StudyStatus {
  // As Verdict.
  ok,
  review,
  missing,
  // As ErrorKind.
  usage,
  not_found,
  unreadable,
  unsupported,
  weights,
  excluded,
  no_spine,
  output,
  out_of_memory,
  interrupted,
  internal,
  unknown,  ///< only read, never written: a status of another version
};

StudyStatus status_of(Verdict verdict);
StudyStatus status_of(ErrorKind kind);
/// The status of a row of a table.
StudyStatus status_of(const ReportRow& row);

/// Name as written to files: to_string() of the verdict or error kind; "unknown" for unknown ones.
std::string_view to_string(StudyStatus status);
/// The inverse; StudyStatus::unknown for any other text.
StudyStatus parse_study_status(std::string_view text);

/// Whether the study has results: ok, review or missing.
bool is_success(StudyStatus status);
bool is_success(const ReportRow& row);
/// Whether the study failed to give results. An excluded study is neither a success nor a failure.
bool is_failure(StudyStatus status);
bool is_failure(const ReportRow& row);

}  // namespace spine::batch
