#include "spine/review/groups.h"

#include <algorithm>
#include <set>

#include "spine/util/csv.h"

namespace spine::review {
namespace {

/// Whether the values of a column make groups.
bool is_grouping(const std::vector<CsvRow>& rows, std::size_t column) {
  std::set<std::string> values;
  for (std::size_t i = 1; i < rows.size() && values.size() <= kMostGroups; ++i) {
    const auto& cells = rows[i].cells;
    if (column < cells.size() && !cells[column].empty()) values.insert(cells[column]);
  }
  return values.size() >= 2 && values.size() <= kMostGroups;
}

}  // namespace

Groups read_groups(const std::filesystem::path& csv) {
  const std::string where = "table: " + csv.string();
  const auto rows = read_csv(csv, where);
  const auto& names = rows.front().cells;
  const std::size_t study = column_index(rows.front(), {"study", "study_id"}, where);
  Groups groups;
  for (std::size_t column = 0; column < names.size(); ++column) {
    if (column == study || !is_grouping(rows, column)) continue;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const auto& cells = rows[i].cells;
      if (std::max(study, column) >= cells.size() || cells[column].empty()) continue;
      groups[cells[study]][names[column]] = cells[column];
    }
  }
  return groups;
}

}  // namespace spine::review
