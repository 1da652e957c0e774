#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "spine/io/labelme.h"
#include "spine/util/display_names.h"

namespace spine::train {

struct CohortOptions {
  std::vector<std::filesystem::path> inputs;  ///< folders, and the folders in them
  std::filesystem::path output;
  LabelTable labels = default_label_table();
  /// CSV of the columns study,patient; empty: every film is a patient of its own, whoever labelled
  /// it.
  std::filesystem::path patients;
  std::array<double, 3> shares{0.7, 0.15, 0.15};  ///< of the patients: training, validation, test
  std::uint64_t seed = 1;                         ///< of the split
  bool force = false;                             ///< replace what is there already
  DisplayNames names = {};                        ///< of paths, in what is said of studies left out
};

inline constexpr std::array<const char*, 3> kSplits{"train", "validation", "test"};

/// One film of a cohort.
struct CohortStudy {
  std::string study, patient;
  std::string split;   ///< one of kSplits; empty with an error
  int structures = 0;  ///< of the eight, how many are labelled
  std::string error;   ///< why it could not be taken; empty: it was
};

/// Films with somebody's labels become a cohort to train on and to judge by: Labelme's JSON with
/// the film beside it, or a folder of a film (film.*, image.png) and its masks in any form of
/// read_masks.
///
///   OUT/<split>/<study>/{film.*, masks.tif, landmarks.json}   for spine-train --data, spine-eval
///   OUT/<split>.csv    manifest for spine-pipeline --manifest: study_id,path
///   OUT/cohort.csv     study,patient,split,structures,error: every film, those refused included
///
/// All films of a patient go to one split; who goes where depends on the patients' names and the
/// seed alone. F1 becomes the more anterior head; landmarks are those of the masks (locate).
/// A folder or a JSON that cannot be read is a row with its reason, as labels are that cannot be
/// taken.
/// @returns every film found, sorted by name
/// @throws Error(not_found) when there is none; Error(usage) for shares or the patients' table;
///         Error(output) when there is a cohort already, or it cannot be written
std::vector<CohortStudy> build_cohort(const CohortOptions& options);

}  // namespace spine::train
