#include "spine/batch/study_status.h"

#include <array>
#include <utility>

namespace spine::batch {
namespace {

using Named = std::pair<StudyStatus, std::string_view>;

/// All statuses that are written, by name. The names are those of Verdict and ErrorKind.
const auto& names() {
  static const auto table = [] {
    std::array<Named, 14> named{};
    std::size_t i = 0;
    for (const Verdict verdict : {Verdict::ok, Verdict::review, Verdict::missing}) {
      named.at(i++) = {status_of(verdict), to_string(verdict)};
    }
    for (const ErrorKind kind :
         {ErrorKind::usage, ErrorKind::not_found, ErrorKind::unreadable, ErrorKind::unsupported,
          ErrorKind::weights, ErrorKind::excluded, ErrorKind::no_spine, ErrorKind::output,
          ErrorKind::out_of_memory, ErrorKind::interrupted, ErrorKind::internal}) {
      named.at(i++) = {status_of(kind), to_string(kind)};
    }
    return named;
  }();
  return table;
}

}  // namespace

StudyStatus status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return StudyStatus::ok;
    case Verdict::review:
      return StudyStatus::review;
    case Verdict::missing:
      return StudyStatus::missing;
  }
  return StudyStatus::unknown;
}

StudyStatus status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return StudyStatus::usage;
    case ErrorKind::not_found:
      return StudyStatus::not_found;
    case ErrorKind::unreadable:
      return StudyStatus::unreadable;
    case ErrorKind::unsupported:
      return StudyStatus::unsupported;
    case ErrorKind::weights:
      return StudyStatus::weights;
    case ErrorKind::excluded:
      return StudyStatus::excluded;
    case ErrorKind::no_spine:
      return StudyStatus::no_spine;
    case ErrorKind::output:
      return StudyStatus::output;
    case ErrorKind::out_of_memory:
      return StudyStatus::out_of_memory;
    case ErrorKind::interrupted:
      return StudyStatus::interrupted;
    case ErrorKind::internal:
      return StudyStatus::internal;
  }
  return StudyStatus::unknown;
}

StudyStatus status_of(const ReportRow& row) { return parse_study_status(row.status); }

std::string_view to_string(StudyStatus status) {
  for (const auto& [named, name] : names()) {
    if (named == status) return name;
  }
  return "unknown";
}

StudyStatus parse_study_status(std::string_view text) {
  for (const auto& [named, name] : names()) {
    if (name == text) return named;
  }
  return StudyStatus::unknown;
}

bool is_success(StudyStatus status) {
  return status == StudyStatus::ok || status == StudyStatus::review ||
         status == StudyStatus::missing;
}

bool is_success(const ReportRow& row) { return is_success(status_of(row)); }

bool is_failure(StudyStatus status) {
  return !is_success(status) && status != StudyStatus::excluded;
}

bool is_failure(const ReportRow& row) { return is_failure(status_of(row)); }

}  // namespace spine::batch
