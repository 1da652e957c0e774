#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "spine/review/cohort.h"

namespace spine::review {

/// What an export found.
struct ExportCounts {
  std::size_t studies = 0;
  std::size_t approved = 0, rejected = 0;
  std::size_t edited = 0;    ///< landmarks differ from the machine's
  std::size_t stale = 0;     ///< read before the machine's landmarks changed
  std::size_t readings = 0;  ///< rows of the table of blind readings
};

/// Receives one line about each study that could not be read.
using OnProblem = std::function<void(const std::string&)>;

/// Writes the tables of a cohort with the readers' corrections: `csv` as measurements.csv, and the
/// long table beside it as <name>_long.csv, both with the columns
///   source   "reader" if a reader edited or decided, else "machine"
///   reader   who did so last
///   verdict  "approved", "rejected" or empty
///   edited   edited landmarks, separated by ';'
/// and landmarks_reviewed.json into the folder of each study with edited landmarks; one that is
/// there of an earlier export is removed where nothing is edited any more.
/// If there are blind readings, <name>_raters.csv holds them as spine-eval --raters reads it.
/// @throws Error(output)
ExportCounts export_reviewed(const Cohort& cohort, const std::filesystem::path& csv,
                             const OnProblem& on_problem);

}  // namespace spine::review
