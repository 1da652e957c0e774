#include "spine/batch/final_rows.h"

#include <utility>

#include "spine/batch/study_status.h"

namespace spine::batch {

FinalRows::FinalRows(const RunnerResult& result, const EarlierRows& earlier,
                     const std::set<std::string>& refused, std::filesystem::path output,
                     std::string record)
    : result_(result),
      earlier_(earlier),
      refused_(refused),
      output_(std::move(output)),
      record_(std::move(record)) {
  for_each_kept([this](const ReportRow& row) {
    if (!is_success(row)) return;
    ReportRow now = with_values(row, output_, record_);
    if (is_success(now)) return;
    damaged_index_.emplace(row.study, damaged_.size());
    damaged_.push_back(std::move(now));
  });
}

bool FinalRows::keeps_earlier(const StudyReport& report) const {
  const ReportRow& row = report.row;
  const bool untouched =
      status_of(row) == StudyStatus::interrupted || refused_.count(row.study) > 0;
  return untouched && earlier_.results.count(row.study) > 0;
}

StudyReport FinalRows::outcome(const StudyReport& report) const {
  const ReportRow* damaged = damaged_row(report.row.study);
  if (damaged == nullptr || keeps_earlier(report)) return report;
  return {report.index, *damaged, report.skipped};
}

void FinalRows::for_each(const std::function<void(const ReportRow&)>& use) const {
  for_each_kept([&](const ReportRow& row) {
    const ReportRow* damaged = damaged_row(row.study);
    use(damaged != nullptr ? *damaged : with_values(row, output_, record_));
  });
}

void FinalRows::for_each_kept(const std::function<void(const ReportRow&)>& use) const {
  for (const auto& report : result_.studies) {
    use(keeps_earlier(report) ? earlier_.results.at(report.row.study) : report.row);
  }
  for (const auto& row : earlier_.others) use(row);
}

const ReportRow* FinalRows::damaged_row(const std::string& study) const {
  const auto index = damaged_index_.find(study);
  return index == damaged_index_.end() ? nullptr : &damaged_[index->second];
}

}  // namespace spine::batch
