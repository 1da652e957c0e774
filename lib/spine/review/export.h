#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "spine/review/cohort.h"
#include "spine/review/film_library.h"
#include "spine/review/reviewed_study.h"

namespace spine::review {

/// What an export found.
struct ExportCounts : ReviewCounts {
  std::size_t studies = 0;
  std::size_t readings = 0;   ///< rows of the table of blind readings
  std::size_t reports = 0;    ///< DICOM SR documents
  std::size_t not_dicom = 0;  ///< studies that were read, of which no DICOM film is known
};

/// Options of an export.
struct ExportOptions {
  /// Writes measurements_reviewed.dcm for each study that was read and not rejected: a DICOM SR
  /// document, verified by the reader if approved. Patient and UIDs are those of report.dcm in the
  /// study's folder, else of the film.
  bool dicom_sr = false;
  FilmLibrary* films = nullptr;             ///< for the former
  std::string organization = "not stated";  ///< of the readers
  std::string version = {};                 ///< of the program
};

/// Receives one line about each study that could not be read.
using OnProblem = std::function<void(const std::string&)>;

/// Writes the tables of a cohort with the readers' corrections: `csv` as measurements.csv, and the
/// long table beside it as `<name>_long.csv`, both with the columns
///   source   "reader" if a reader edited or decided, else "machine"
///   reader   who did so last
///   verdict  "approved", "rejected" or empty
///   edited   edited landmarks, separated by ';'
/// and landmarks_reviewed.json into the folder of each study that was edited or approved; one that
/// is there of an earlier export is removed from others. The same holds for the documents of
/// ExportOptions::dicom_sr.
/// If there are blind readings, `<name>_raters.csv` holds them as spine-eval --raters reads it.
/// @throws Error(usage) if the tables would replace results, Error(output) if they cannot be
/// written
ExportCounts export_reviewed(const Cohort& cohort, const std::filesystem::path& csv,
                             const OnProblem& on_problem, const ExportOptions& options = {});

}  // namespace spine::review
