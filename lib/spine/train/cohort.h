#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/io/labelme.h"
#include "spine/util/display_names.h"

namespace spine::train {

/// How a cohort is built.
struct CohortOptions {
  std::vector<std::filesystem::path> inputs;  ///< folders, searched recursively
  /// Results folders of which studies that a reader approved or corrected are taken.
  std::vector<std::filesystem::path> reviewed = {};
  std::vector<std::filesystem::path> films = {};  ///< folders of the films of `reviewed`
  /// OUT
  std::filesystem::path output;
  /// Structures by label class.
  LabelTable labels = default_label_table();
  /// CSV with the columns study,patient; empty: every film is a separate patient, whoever labelled
  /// it.
  std::filesystem::path patients;
  /// Fractions of patients: training, validation, test.
  std::array<double, 3> shares{0.7, 0.15, 0.15};
  std::uint64_t seed = 1;   ///< seed of the split
  bool force = false;       ///< replace an existing cohort
  DisplayNames names = {};  ///< applied to paths in messages about excluded studies
};

/// The splits, in the order of CohortOptions::shares.
inline constexpr std::array<const char*, 3> kSplits{"train", "validation", "test"};

/// One film of a cohort.
struct CohortStudy {
  std::string study, patient;
  std::string split;                       ///< one of kSplits; empty if excluded
  int structures = 0;                      ///< number of labelled structures, of eight
  std::string error;                       ///< why it was excluded; empty if it was not
  std::string reader = {}, revision = {};  ///< of the review that the labels are of
};

/// Builds a cohort for training and evaluation from labelled films: Labelme JSON files with the
/// film beside them, or a folder per film (film.*, image.png) with masks in any form supported by
/// read_masks; and studies of results folders that spine-review exported (find_reviewed()), with
/// the reader's landmarks and masks that fit them (masks_of()).
///
/// - `OUT/<split>/<study>/{film.*, masks.tif, landmarks.json}`: input of spine-train --data,
///   spine-eval
/// - `OUT/<split>.csv`: manifest for spine-pipeline --manifest: study_id,path
/// - OUT/cohort.csv: study,patient,split,structures,error,reader,revision: every film, including
/// excluded ones
///
/// All films of a patient are assigned to one split, which depends only on patient names and seed.
/// F1 is the more anterior head; landmarks are located in the masks (locate). Unreadable folders or
/// JSON files, and unusable labels, are rows with a reason.
/// @returns every film found, sorted by name
/// @throws Error(not_found) if there is none; Error(usage) for invalid shares or an invalid table
/// of patients; Error(output) if there is a cohort already, or it cannot be written
std::vector<CohortStudy> build_cohort(const CohortOptions& options);

}  // namespace spine::train
