#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "spine/batch/runner.h"
#include "spine/batch/tables.h"

namespace spine::batch {

/// The rows of the tables at the end of a run. A study that was not reached, or whose earlier
/// results may not be replaced, keeps its earlier row. A result whose record was damaged meanwhile
/// becomes a failure.
class FinalRows {
 public:
  /// Reads all records. The references must outlive the object.
  /// @param refused  studies whose earlier results may not be replaced
  /// @param output   OUT
  /// @param record   file name of the record of a study
  FinalRows(const RunnerResult& result, const EarlierRows& earlier,
            const std::set<std::string>& refused, std::filesystem::path output, std::string record);

  /// Rows of results with a damaged record, in order: their status and error say so.
  [[nodiscard]] const std::vector<ReportRow>& damaged() const { return damaged_; }
  /// Whether the study keeps its earlier row.
  [[nodiscard]] bool keeps_earlier(const StudyReport& report) const;
  /// The outcome of a study of this run, to be counted.
  [[nodiscard]] StudyReport outcome(const StudyReport& report) const;
  /// Calls `use` with every row including its values, in order.
  void for_each(const std::function<void(const ReportRow&)>& use) const;

 private:
  /// Calls `use` with every row, without values.
  void for_each_kept(const std::function<void(const ReportRow&)>& use) const;
  [[nodiscard]] const ReportRow* damaged_row(const std::string& study) const;

  const RunnerResult& result_;
  const EarlierRows& earlier_;
  const std::set<std::string>& refused_;
  std::filesystem::path output_;
  std::string record_;
  std::vector<ReportRow> damaged_;
  std::map<std::string, std::size_t> damaged_index_;  ///< by study
};

}  // namespace spine::batch
