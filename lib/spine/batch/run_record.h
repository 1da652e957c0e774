#pragma once
#include <cstddef>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/io/report_io.h"

namespace spine::batch {

/// What a run's machine is, without its name: system, processor, how many of them, memory.
nlohmann::json machine_facts();

/// How often each reason came up in a run.
class ReasonCounts {
 public:
  void add(const ReportRow& row);
  /// {"status": {...}, "excluded": {...}, "flags": {...}, "not_in_film": {...}}, each a count by
  /// name.
  [[nodiscard]] nlohmann::json to_json() const;

 private:
  std::map<std::string, std::size_t> statuses_, excluded_, flags_, not_in_film_;
};

}  // namespace spine::batch
