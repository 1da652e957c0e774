#pragma once
#include <cstddef>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/io/report_io.h"

namespace spine::batch {

/// Describes the machine without its name: system, processor, number of processors, memory.
nlohmann::json machine_facts();

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
