#include "spine/batch/cohort_summary.h"

#include <algorithm>
#include <cstdio>

namespace spine::batch {
namespace {

std::string one_decimal(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

const std::vector<std::string> kSummaryNames{"PT", "SS", "PI", "LL", "PI_LL"};

}  // namespace

void CohortSummary::add(const ReportRow& row) {
  Line line{row.study, row.status, {}};
  for (const auto& name : kSummaryNames) {
    const Measurement* m = row.measurements.find(name);
    measured_ = measured_ || (m != nullptr && name == kSummaryNames.front());
    line.values.push_back(m != nullptr && m->value ? one_decimal(*m->value) : "-");
  }
  lines_.push_back(std::move(line));
}

std::string CohortSummary::text() const {
  const std::size_t values = measured_ ? kSummaryNames.size() : 0;
  Line header{"study", "status", {}};
  for (const auto& name : kSummaryNames) header.values.push_back(name + "/deg");
  std::size_t study_width = header.study.size();
  std::vector<std::size_t> widths(values);
  const auto widen = [&](const Line& line) {
    study_width = std::max(study_width, line.study.size());
    for (std::size_t i = 0; i < values; ++i) widths[i] = std::max(widths[i], line.values[i].size());
  };
  widen(header);
  for (const auto& line : lines_) widen(line);
  std::string text;
  // Left-align text, right-align numbers.
  const auto print = [&](const Line& line) {
    text += line.study + std::string(study_width - line.study.size(), ' ');
    for (std::size_t i = 0; i < values; ++i) {
      text += "  " + std::string(widths[i] - line.values[i].size(), ' ') + line.values[i];
    }
    text += "  " + line.status + "\n";
  };
  print(header);
  for (const auto& line : lines_) print(line);
  return text;
}

}  // namespace spine::batch
