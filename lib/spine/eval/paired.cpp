#include "spine/eval/paired.h"

#include <cmath>
#include <map>
#include <utility>

#include "spine/eval/agreement_text.h"
#include "spine/eval/moments.h"
#include "spine/eval/stats_table.h"

namespace spine {
namespace {

/// Values of one method by study.
using ValuesByStudy = std::map<std::string, double>;

PairedComparison compare(std::string quantity, std::string unit, const ValuesByStudy& first,
                         const ValuesByStudy& second, const Strata& patients) {
  struct Sum {
    double first = 0, second = 0, count = 0;
  };
  std::map<std::string, Sum> by_patient;
  PairedComparison row{std::move(quantity), std::move(unit), 0, 0, 0, std::nullopt};
  for (const auto& [study, value] : first) {
    const auto other = second.find(study);
    if (other == second.end()) continue;
    const auto patient = patients.value_of.find(study);
    // A study without a patient may have the name of one.
    Sum& sum = by_patient[patient == patients.value_of.end() ? "study/" + study
                                                             : "patient/" + patient->second];
    sum.first += value;
    sum.second += other->second;
    ++sum.count;
    ++row.films;
  }
  if (row.films == 0) return row;
  std::vector<double> a, b;
  for (const auto& [patient, sum] : by_patient) {
    a.push_back(sum.first / sum.count);
    b.push_back(sum.second / sum.count);
  }
  row.first = mean(a);
  row.second = mean(b);
  row.test = paired_bootstrap(a, b);
  return row;
}

ValuesByStudy dice_of(const Evaluation& evaluation, Structure s) {
  ValuesByStudy values;
  for (const auto& study : evaluation.studies) {
    if (study.dice[index(s)]) values[study.study] = *study.dice[index(s)];
  }
  return values;
}

ValuesByStudy errors_of(const MetricEvaluation& metric) {
  ValuesByStudy values;
  for (std::size_t i = 0; i < metric.pairs.size(); ++i) {
    const ValuePair& pair = metric.pairs[i];
    if (pair.predicted) values[metric.studies[i]] = std::abs(*pair.predicted - pair.truth);
  }
  return values;
}

}  // namespace

std::vector<PairedComparison> compare_methods(const Evaluation& first, const Evaluation& second,
                                              const Strata& patients) {
  std::vector<PairedComparison> rows;
  if (first.has_masks && second.has_masks) {
    for (const Structure s : kStructures) {
      rows.push_back(compare("Dice " + std::string(to_string(s)), "", dice_of(first, s),
                             dice_of(second, s), patients));
    }
  }
  for (const auto& metric : first.metrics) {
    if (!is_main_metric(metric.name)) continue;
    for (const auto& other : second.metrics) {
      if (other.name != metric.name) continue;
      rows.push_back(compare("MAE " + metric.name, metric.unit, errors_of(metric), errors_of(other),
                             patients));
    }
  }
  return rows;
}

TextTable paired_table(const std::vector<PairedComparison>& rows) {
  TextTable table({"quantity", "unit", "first", "second", "second - first (95 % CI)", "p", "films",
                   "patients"});
  for (const auto& row : rows) {
    std::optional<Estimate> difference;
    if (row.test) difference = row.test->difference;
    table.add({row.quantity, row.unit, row.films > 0 ? format_number(row.first, 4) : "",
               row.films > 0 ? format_number(row.second, 4) : "", format_estimate(difference, 4),
               row.test ? format_number(row.test->p, 4) : "", std::to_string(row.films),
               row.test ? std::to_string(row.test->patients) : ""});
  }
  return table;
}

}  // namespace spine
