#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spine/review/report.h"

namespace spine::review {

/// Values of a study in the order of report_angles(): PT, SS, PI, LL; degrees.
using ReportValues = std::array<std::optional<double>, 4>;

/// PI minus LL. nullopt: one is missing
std::optional<double> pi_minus_ll(const ReportValues& values);

/// A study as the report shows it.
struct ReportStudy {
  std::size_t number = 0;  ///< place in the cohort, from 1
  std::string id, status, error;
  std::vector<std::string> reasons;  ///< for review
  ReportValues values;               ///< of the reading
  ReportValues machine;              ///< of the machine
  std::string reader;                ///< who read it last; empty: nobody
  Reading::Verdict verdict = Reading::Verdict::open;
  std::vector<std::string> edited;
  bool stale = false;
  bool has_results = false;
};

/// All studies in the order of the cohort. review.json is read where there is one; a study of which
/// it cannot be read keeps the values of the table.
std::vector<ReportStudy> report_studies(const Cohort& cohort, const OnProblem& on_problem,
                                        ReportCounts& counts);

/// A part of the cohort.
struct Share {
  std::string name;
  std::size_t count = 0;
};

/// Counts by status, most serious first; by reason for review, most frequent first.
std::vector<Share> shares_by_status(const std::vector<ReportStudy>& studies);
std::vector<Share> shares_by_reason(const std::vector<ReportStudy>& studies);

/// Verdicts of a reader.
struct ReaderCounts {
  std::size_t approved = 0, rejected = 0, open = 0, edited = 0;
};
/// By name of the reader.
std::map<std::string, ReaderCounts> counts_by_reader(const std::vector<ReportStudy>& studies);

/// What made the results, one line of each kind: "command version", weights, date.
struct RunFacts {
  std::vector<std::string> programs, weights, dates;
  bool identified = false;  ///< identifiers of patients were kept
};
/// Reads the run records of a cohort; what they do not tell is absent.
RunFacts run_facts(const Cohort& cohort);

}  // namespace spine::review
