#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/measurements.h"
#include "spine/review/cohort.h"
#include "spine/review/machine_result.h"
#include "spine/review/review_file.h"

namespace spine::review {

/// Who approved landmarks, and when.
struct Approval {
  std::string reader;
  std::string time;  ///< UTC
};

/// A study with the shared reading of its readers.
struct ReviewedStudy {
  MachineResult machine;
  Reading reading;                  ///< Reading::reader is empty if nobody read the study
  std::vector<std::string> edited;  ///< edited_landmarks()
  Measurements measurements;        ///< of the reading; the machine's if nothing was edited
  std::string status;               ///< of these measurements: "ok", "review", "missing"
  std::string error;                ///< which of these measurements are missing, and why
  std::string revision;             ///< ReviewFile::revision()
  /// Of the landmarks as they are; nullopt if they were not approved, or changed afterwards, by a
  /// reader or a run of the machine.
  std::optional<Approval> approval;
  [[nodiscard]] bool is_read() const { return !reading.reader.empty(); }
};

/// Whether a study has a review.json, so that its values may be other than those of the table.
bool has_review(const Cohort& cohort, const CohortStudy& study);

/// Reads a study with results, and its review.json if there is one.
/// @throws Error(not_found | unreadable) naming the file
ReviewedStudy read_reviewed(const Cohort& cohort, const CohortStudy& study);

/// How many studies were approved, rejected, ...
struct ReviewCounts {
  std::size_t approved = 0, rejected = 0;
  std::size_t edited = 0;  ///< landmarks differ from the machine's
  std::size_t stale = 0;   ///< read before the machine's landmarks changed
  void add(const ReviewedStudy& study);
};

}  // namespace spine::review
