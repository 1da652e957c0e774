#include "spine/review/reviewed_study.h"

#include <filesystem>
#include <utility>

#include "spine/batch/tables.h"
#include "spine/core/flags.h"
#include "spine/review/landmark_change.h"

namespace spine::review {

bool has_review(const Cohort& cohort, const CohortStudy& study) {
  std::error_code ignored;
  return study.has_results() &&
         std::filesystem::exists(cohort.folder_of(study) / ReviewFile::kName, ignored);
}

ReviewedStudy read_reviewed(const Cohort& cohort, const CohortStudy& study) {
  const auto folder = cohort.folder_of(study);
  ReviewedStudy result;
  result.machine = read_machine_result(folder, study.id);
  const auto review = ReviewFile::read(folder, study.id);
  result.reading = review.reading({}, result.machine.landmarks);
  result.revision = review.revision();
  if (!result.reading.stale && result.reading.verdict == Reading::Verdict::approved) {
    result.approval = {result.reading.reader, result.reading.time};
  }
  result.edited = edited_landmarks(result.machine.landmarks, result.reading.landmarks);
  result.measurements = measure_reading(result.machine, result.reading.landmarks);
  result.status = to_string(assess(result.measurements).verdict);
  result.error =
      result.edited.empty() ? study.error : batch::reasons_for_missing(result.measurements);
  return result;
}

void ReviewCounts::add(const ReviewedStudy& study) {
  if (!study.is_read()) return;
  approved += study.reading.verdict == Reading::Verdict::approved;
  rejected += study.reading.verdict == Reading::Verdict::rejected;
  edited += !study.edited.empty();
  stale += study.reading.stale;
}

}  // namespace spine::review
