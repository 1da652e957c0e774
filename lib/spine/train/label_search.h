#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/dataset/reviewed_labels.h"

namespace spine::train {

/// The location of the labels of one film.
struct LabelSource {
  std::filesystem::path labels;  ///< a JSON file, a folder of masks, or of a reviewed study
  std::string name;
  std::filesystem::path film;  ///< empty: not determined yet
  std::string error;           ///< why it cannot be read; empty: no error so far
  std::optional<ReviewedLabels> reviewed = {};
};

/// Finds Labelme JSON files and folders with a film and masks, recursively, and reviewed studies.
/// @param inputs    folders of labels
/// @param reviewed  results folders
/// @param output    not searched
/// @returns sorted by name: the shortest unique candidate
/// @throws Error(not_found) if one of the folders does not exist
std::vector<LabelSource> find_labels(const std::vector<std::filesystem::path>& inputs,
                                     const std::vector<std::filesystem::path>& reviewed,
                                     const std::filesystem::path& output);

}  // namespace spine::train
