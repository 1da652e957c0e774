#pragma once
#include <cstddef>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/batch/console.h"
#include "spine/batch/runner.h"
#include "spine/io/report_io.h"
#include "spine/util/display_names.h"

namespace spine::batch {

/// Describes the machine without its name: system, processor, number of processors, memory.
nlohmann::json machine_facts();

/// Counts the outcome of a study.
void count(Counts& counts, const StudyReport& report);
/// The counts by name.
nlohmann::json to_json(const Counts& counts);

/// The record of weights without their location on this machine, which is not part of a result.
nlohmann::json without_files(nlohmann::json weights);

/// Removes paths from the record of weights, and the names of files that were given explicitly;
/// unchanged if `names` is empty.
void hide_weights(nlohmann::json& weights, const DisplayNames& names);

/// Counts statuses, reasons for exclusion and flags over a run.
class ReasonCounts {
 public:
  /// Counts a row.
  void add(const ReportRow& row);
  /// {"status": {...}, "excluded": {...}, "flags": {...}, "not_in_film": {...}}, each a count by
  /// name.
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  std::map<std::string, std::size_t> statuses_, excluded_, flags_, not_in_film_;
};

}  // namespace spine::batch
