#pragma once
#include <string>
#include <vector>

#include "spine/io/report_io.h"

namespace spine::batch {

/// Human-readable summary of the main measurements: a header and one aligned line per study.
/// Without measurements only study and status are shown.
class CohortSummary {
 public:
  /// Adds a line.
  void add(const ReportRow& row);
  /// The formatted summary.
  [[nodiscard]] std::string text() const;

 private:
  struct Line {
    std::string study, status;
    std::vector<std::string> values;
  };
  std::vector<Line> lines_;
  bool measured_ = false;
};

}  // namespace spine::batch
