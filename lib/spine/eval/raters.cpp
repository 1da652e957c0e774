#include "spine/eval/raters.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "spine/core/error.h"
#include "spine/eval/agreement_text.h"
#include "spine/eval/moments.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/describe_failure.h"
#include "spine/util/folder.h"

namespace spine {
namespace {

/// Readings of one rater or session by case.
using ValuesByCase = std::map<std::string, double>;

/// A rater or a session of a rater, with readings.
struct Rater {
  std::string name;
  const ValuesByCase& values;
};

/// Rows of the cases read by all.
Ratings common_ratings(const std::vector<Rater>& raters) {
  Ratings ratings;
  for (const auto& [name, first] : raters.front().values) {
    std::vector<double> row;
    for (const Rater& rater : raters) {
      const auto found = rater.values.find(name);
      if (found != rater.values.end()) row.push_back(found->second);
    }
    if (row.size() == raters.size()) ratings.push_back(std::move(row));
  }
  return ratings;
}

RaterAgreement compare(const std::string& parameter, const std::string& who,
                       const std::vector<Rater>& raters) {
  const Ratings ratings = common_ratings(raters);
  RaterAgreement row;
  row.parameter = parameter;
  row.who = who;
  row.raters = raters.size();
  row.cases = ratings.size();
  row.agreement = agreement_of(ratings);
  row.why_no_agreement = why_no_agreement(ratings);
  if (raters.size() != 2) return row;
  row.first = raters[0].name;
  row.second = raters[1].name;
  std::vector<double> first, second;
  for (const auto& pair : ratings) {
    row.readings.emplace_back(pair[0], pair[1]);
    first.push_back(pair[0]);
    second.push_back(pair[1]);
  }
  row.pearson = pearson_of(first, second);
  row.difference = bland_altman_of(first, second);
  return row;
}

/// All readings of one parameter: rater -> session -> case -> value.
using Sessions = std::map<std::string, ValuesByCase>;
using Raters = std::map<std::string, Sessions>;

ValuesByCase mean_of_sessions(const Sessions& sessions) {
  std::map<std::string, std::pair<double, double>> sums;
  for (const auto& [session, values] : sessions) {
    for (const auto& [name, value] : values) {
      sums[name].first += value;
      sums[name].second += 1;
    }
  }
  ValuesByCase means;
  for (const auto& [name, sum] : sums) means[name] = sum.first / sum.second;
  return means;
}

void compare_raters(const std::string& parameter, const Raters& raters,
                    std::vector<RaterAgreement>& rows) {
  std::vector<std::pair<std::string, ValuesByCase>> means;
  for (const auto& [rater, sessions] : raters)
    means.emplace_back(rater, mean_of_sessions(sessions));
  // The error of a mean over sessions is smaller than that of a single reading.
  const bool repeated = std::any_of(raters.begin(), raters.end(),
                                    [](const auto& rater) { return rater.second.size() > 1; });
  const std::string of_sessions = repeated ? ", means of sessions" : "";
  for (std::size_t i = 0; i < means.size(); ++i) {
    for (std::size_t j = i + 1; j < means.size(); ++j) {
      const Rater first{means[i].first, means[i].second}, second{means[j].first, means[j].second};
      rows.push_back(
          compare(parameter, first.name + " – " + second.name + of_sessions, {first, second}));
    }
  }
  if (means.size() > 2) {
    std::vector<Rater> all;
    for (const auto& [rater, values] : means) all.push_back({rater, values});
    rows.push_back(
        compare(parameter, "all " + std::to_string(all.size()) + " raters" + of_sessions, all));
  }
  for (const auto& [rater, sessions] : raters) {
    for (auto a = sessions.begin(); a != sessions.end(); ++a) {
      for (auto b = std::next(a); b != sessions.end(); ++b) {
        rows.push_back(
            compare(parameter, rater + ", sessions " + a->first + " – " + b->first,
                    {{rater + ", " + a->first, a->second}, {rater + ", " + b->first, b->second}}));
      }
    }
  }
}

}  // namespace

std::vector<Reading> read_readings(const std::filesystem::path& file) {
  const std::string where = "raters: " + file.string();
  const auto rows = read_csv(file, where);
  const std::size_t study = column_index(rows[0], {"case"}, where);
  const std::size_t rater = column_index(rows[0], {"rater"}, where);
  const std::size_t session = column_index(rows[0], {"session"}, where);
  const std::size_t parameter = column_index(rows[0], {"parameter"}, where);
  const std::size_t value = column_index(rows[0], {"value"}, where);
  const std::size_t needed = std::max({study, rater, session, parameter, value}) + 1;

  std::vector<Reading> readings;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  int line = 0;
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::unreadable, where + ": line " + std::to_string(line) + ": " + what);
  };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    line = rows[i].line;
    if (cells.size() < needed) {
      fail("expected " + std::to_string(needed) + " cells, found " + std::to_string(cells.size()));
    }
    if (cells[value].empty()) continue;
    const auto number = number_in(cells[value]);
    if (!number) fail("expected a number as value, found \"" + cells[value] + "\"");
    if (!seen.emplace(cells[study], cells[rater], cells[session], cells[parameter]).second) {
      fail("case " + cells[study] + ", rater " + cells[rater] + ", session " + cells[session] +
           ", " + cells[parameter] + " is given twice");
    }
    readings.push_back(
        {cells[study], cells[rater], cells[session], cells[parameter], number.value_or(0)});
  }
  return readings;
}

std::vector<RaterAgreement> compare_raters(const std::vector<Reading>& readings) {
  std::vector<std::string> parameters;
  std::map<std::string, Raters> by_parameter;
  for (const auto& reading : readings) {
    auto& raters = by_parameter[reading.parameter];
    if (raters.empty()) parameters.push_back(reading.parameter);
    raters[reading.rater][reading.session][reading.study] = reading.value;
  }
  std::vector<RaterAgreement> rows;
  for (const auto& parameter : parameters) {
    compare_raters(parameter, by_parameter.at(parameter), rows);
  }
  return rows;
}

Evaluation evaluate_against_raters(const std::filesystem::path& predictions,
                                   const std::vector<Reading>& readings) {
  if (!is_folder(predictions)) {
    throw Error(ErrorKind::not_found, "raters: " + predictions.string() + ": no such folder");
  }
  std::vector<std::string> parameters;
  std::map<std::string, std::map<std::string, Raters>> by_case;  // by case, by parameter
  for (const auto& r : readings) {
    if (std::find(parameters.begin(), parameters.end(), r.parameter) == parameters.end()) {
      parameters.push_back(r.parameter);
    }
    by_case[r.study][r.parameter][r.rater][r.session][r.study] = r.value;
  }
  Evaluation evaluation;
  for (const auto& parameter : parameters)
    evaluation.metrics.push_back({parameter, "", {}, {}, {}});
  for (const auto& [name, by_parameter] : by_case) {
    StudyEvaluation study;
    study.study = name;
    std::vector<Measurement> found;
    try {
      found = values_of_study(predictions / name);
      if (found.empty()) study.error = kNoPrediction;
    } catch (...) {
      study.error = describe_failure(std::current_exception()).message;
    }
    for (auto& metric : evaluation.metrics) {
      const auto truth = by_parameter.find(metric.name);
      if (truth == by_parameter.end()) continue;
      std::vector<double> of_raters;
      for (const auto& [rater, sessions] : truth->second) {
        of_raters.push_back(mean_of_sessions(sessions).at(name));
      }
      ValuePair pair{mean(of_raters), std::nullopt};
      for (const auto& value : found) {
        if (value.name != metric.name || value.unit == "px") continue;
        metric.unit = value.unit;
        pair.predicted = value.value;
        pair.standard_error = value.standard_error;
      }
      metric.pairs.push_back(pair);
      metric.studies.push_back(name);
    }
    evaluation.studies.push_back(std::move(study));
  }
  for (auto& metric : evaluation.metrics) metric.stats = summarise(metric.pairs);
  return evaluation;
}

TextTable raters_table(const std::vector<RaterAgreement>& rows) {
  TextTable table({"parameter", "who", "cases", "r (95 % CI)", "ICC(2,1) (95 % CI)",
                   "ICC(3,1) (95 % CI)", "bias (95 % CI)", "limits of agreement", "SEM", "SDC"});
  for (const auto& row : rows) {
    const bool of_two = row.raters == 2;
    std::vector<std::string> cells{row.parameter, row.who, std::to_string(row.cases)};
    const auto& agreement = row.agreement;
    const std::string& reason = row.why_no_agreement;
    cells.push_back(of_two ? format_estimate(row.pearson, 3, reason) : "");
    cells.push_back(agreement ? format_estimate(agreement->icc_2_1, 3) : reason);
    cells.push_back(agreement ? format_estimate(agreement->icc_3_1, 3) : reason);
    std::optional<Estimate> bias;
    if (row.difference) bias = row.difference->bias;
    cells.push_back(of_two ? format_estimate(bias, 2) : "");
    cells.push_back(!row.difference ? ""
                                    : format_number(row.difference->limit_low.value, 2) + " to " +
                                          format_number(row.difference->limit_high.value, 2));
    cells.push_back(agreement ? format_number(agreement->sem, 2) : "");
    cells.push_back(agreement ? format_number(agreement->sdc, 2) : "");
    table.add(std::move(cells));
  }
  return table;
}

}  // namespace spine
