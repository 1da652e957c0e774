#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/dataset/study_set.h"

namespace spine {

/// A study of a results folder whose landmarks a reader approved or corrected, as exported by
/// spine-review.
struct ReviewedLabels {
  std::filesystem::path folder;  ///< `RESULTS/<study>`
  std::string reader;            ///< who read it last
  std::string revision;          ///< of the review
  std::string film_sha256;       ///< of the film; empty: not recorded
};

/// A study with a review, or why it gives no labels.
struct ReviewedFolder {
  std::filesystem::path folder;
  std::optional<ReviewedLabels> labels;
  std::string error;  ///< why there are none
};

/// The studies of a results folder that have a review, sorted by name. Those that were rejected,
/// not exported, or whose review or results changed after the export give no labels.
/// @throws Error(not_found) if there is no such folder
std::vector<ReviewedFolder> find_reviewed(const std::filesystem::path& results);

/// Films by content or, of results that do not record it, by name.
class FilmFinder {
 public:
  /// @param folders  searched recursively, when the first film is looked for
  explicit FilmFinder(std::vector<std::filesystem::path> folders);

  /// The film of a study. @throws Error(not_found)
  [[nodiscard]] std::filesystem::path find(const ReviewedLabels& labels);

 private:
  std::vector<std::filesystem::path> folders_;
  std::optional<std::vector<Study>> films_;
  std::map<std::filesystem::path, std::string> hashes_;
};

/// The landmarks of a reader. @throws Error(not_found | unreadable)
Landmarks landmarks_of(const ReviewedLabels& labels);

/// Masks that fit the landmarks of a reader: those of the machine where a landmark was left as it
/// was, under the reader's name; the machine's body or sacrum moved with the corners where it was
/// corrected; the quadrilateral of a body, or the disc of a head, that the machine has not found.
/// @throws Error(not_found | unreadable), Error(unsupported) if the reader added S1, whose landmark
/// does not give the outline of the sacrum
MaskStack masks_of(const ReviewedLabels& labels);

}  // namespace spine
