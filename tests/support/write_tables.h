#pragma once
#include <filesystem>
#include <vector>

#include "spine/io/report_io.h"

namespace spine::test {

/// Both tables from rows that are all there.
inline void write_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows,
                        const std::vector<std::string>& others = {}) {
  TableWriter writer(csv, others);
  for (const auto& row : rows) writer.add(row);
  writer.commit();
}
inline void write_long_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows) {
  LongTableWriter writer(csv);
  for (const auto& row : rows) writer.add(row);
  writer.commit();
}

}  // namespace spine::test
