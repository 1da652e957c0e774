#include "spine/eval/strata.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/eval/stats_table.h"
#include "spine/eval/text_table.h"
#include "spine/io/mask_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnknown = "unknown";

/// Pairs of one measurement, by group.
std::map<std::string, std::vector<ValuePair>> split(const MetricEvaluation& metric,
                                                    const Strata& strata) {
  std::map<std::string, std::vector<ValuePair>> groups;
  for (std::size_t i = 0; i < metric.pairs.size(); ++i) {
    const auto value = strata.value_of.find(metric.studies[i]);
    groups[value == strata.value_of.end() ? kUnknown : value->second].push_back(metric.pairs[i]);
  }
  return groups;
}

TextTable table_of(const Evaluation& evaluation, const Strata& strata, bool main_only) {
  std::vector<std::string> header{strata.column, "metric", "unit"};
  header.insert(header.end(), stats_columns().begin(), stats_columns().end());
  TextTable table(header);
  for (const auto& metric : evaluation.metrics) {
    if (main_only && !is_main_metric(metric.name)) continue;
    for (const auto& [group, pairs] : split(metric, strata)) {
      std::vector<std::string> row{group, metric.name, metric.unit};
      const auto cells = stats_cells(summarise(pairs));
      row.insert(row.end(), cells.begin(), cells.end());
      table.add(row);
    }
  }
  return table;
}

}  // namespace

Strata strata_by_implant(const fs::path& truth) {
  if (!is_folder(truth)) {
    throw Error(ErrorKind::not_found, "strata: " + truth.string() + ": no such folder");
  }
  Strata strata{"implant", {}};
  for (const auto& entry : list_folder(truth).entries) {
    if (!is_folder(entry)) continue;
    const fs::path mask = entry / "implant_mask.png";
    const std::string study = entry.filename().string();
    try {
      const bool implanted = may_be_file(mask) && cv::countNonZero(read_mask(mask)) > 0;
      strata.value_of[study] = implanted ? "implant" : "none";
    } catch (const std::exception&) {  // "unknown", as without a record
    }
  }
  return strata;
}

Strata strata_by_status(const fs::path& predictions) {
  if (!is_folder(predictions)) {
    throw Error(ErrorKind::not_found, "strata: " + predictions.string() + ": no such folder");
  }
  Strata strata{"status", {}};
  for (const auto& entry : list_folder(predictions).entries) {
    const fs::path record = entry / "measurements.json";
    if (!is_file(record)) continue;
    try {
      const nlohmann::json json = read_json(record);
      if (!json.is_object() || !json.contains("status") || !json["status"].is_string()) continue;
      strata.value_of[entry.filename().string()] = json["status"].get<std::string>();
    } catch (const std::exception&) {  // reported by evaluate(); "unknown" here
    }
  }
  return strata;
}

Strata strata_from_csv(const fs::path& file, const std::string& column) {
  const std::string where = "strata: " + file.string();
  const auto rows = read_csv(file, where);
  const std::size_t study = column_index(rows.front(), {"study", "study_id"}, where);
  const std::size_t value = column_index(rows.front(), {column}, where);
  Strata strata{column, {}};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    if (std::max(study, value) >= cells.size() || cells[value].empty()) continue;
    strata.value_of[cells[study]] = cells[value];
  }
  return strata;
}

std::string to_markdown(const Evaluation& evaluation, const Strata& strata) {
  return table_of(evaluation, strata, true).to_markdown();
}

std::string to_csv(const Evaluation& evaluation, const Strata& strata) {
  return table_of(evaluation, strata, false).to_csv();
}

}  // namespace spine
