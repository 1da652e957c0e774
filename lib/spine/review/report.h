#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

#include "spine/review/cohort.h"
#include "spine/review/export.h"

namespace spine::review {

/// Options of a report.
struct ReportOptions {
  std::size_t thumbnails = 60;  ///< overlays that are shown at most
  std::string language = "en";  ///< "en" or "ko"
  std::string version = {};     ///< of the program
  std::string time = {};        ///< of the report, UTC
};

/// What a report shows.
struct ReportCounts : ReviewCounts {
  std::size_t studies = 0;
  std::size_t thumbnails = 0;  ///< overlays that are shown
};

/// Writes a cohort as one HTML file that needs nothing else: counts, distributions of PT, SS, PI
/// and LL, a table that can be sorted and searched, thumbnails of the studies that come first in
/// the cohort. Where readers corrected landmarks, their values are shown. The file holds the
/// columns of measurements.csv, names of readers, and overlays; neither paths nor texts that
/// readers wrote. Its content security policy allows no request.
/// @param page  written atomically
/// @throws Error(usage) if it would replace results, or for an unknown language; Error(output) if
/// it cannot be written
ReportCounts write_report(const Cohort& cohort, const std::filesystem::path& page,
                          const ReportOptions& options, const OnProblem& on_problem);

}  // namespace spine::review
