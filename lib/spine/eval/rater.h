#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/landmarks.h"

namespace spine {

/// Landmarks of a human rater on a real film. Every point may be missing.
/// File: {"size":[w,h], "anterior":"left|right", "confidence":{"L1":0..1, ..., "S1":...},
/// "vertebrae":{"L1":{"sup_post":[x,y]|null, "sup_ant":…, "inf_post":…, "inf_ant":…}, …},
/// "S1":{"sup_post":…, "sup_ant":…}, "femoral_heads":[{"center":[x,y],"radius_x":…,"radius_y":…} |
/// null, …]}.
/// Coordinates in pixels. Heads are ellipses, as the aspect ratio of films may be distorted.
struct RaterLandmarks {
  using Point = std::optional<cv::Point2d>;
  struct Corners {
    Point sup_post, sup_ant, inf_post, inf_ant;
  };
  cv::Size size;
  Side anterior = Side::left;
  std::array<Corners, kLumbarCount> vertebrae;
  Point s1_post, s1_ant;
  std::vector<cv::Point2d> head_centers;
  /// False if the confidence in S1 is zero: the level labels are a guess.
  bool numbering_certain = true;
};

/// Reads landmarks of a rater. @throws Error(not_found | unreadable)
RaterLandmarks read_rater_landmarks(const std::filesystem::path& file);

/// Comparison of one film with its rater, in film pixels.
struct RaterComparison {
  std::string film;
  std::string error;  ///< why it cannot be compared; empty if it was
  bool numbering_certain = true;
  int bodies_read = 0;        ///< bodies with all four corners by the rater
  int bodies_right = 0;       ///< of these, found with the right level label
  int bodies_wrong = 0;       ///< bodies found with a wrong level label
  bool levels_right = false;  ///< no wrong label, and at most one body not found
  bool anterior_right = false;
  /// Angle errors of endplates of correctly labelled bodies and of S1, degrees.
  std::vector<double> endplate_deg;
  std::vector<double> corner_percent;  ///< distances of corners, % of the film width
  std::vector<double> head_percent;    ///< distances of head centres, % of the film width
  int heads_read = 0;                  ///< heads marked by the rater
};

/// Compares predicted landmarks with those of a rater. A predicted body is right if its centre lies
/// inside the rater's body of that label, and wrong if it lies inside another one. S1 counts if its
/// midpoint is within half an endplate length of the rater's. Heads are matched to minimize the sum
/// of distances.
RaterComparison compare_with_rater(const RaterLandmarks& rater, const Landmarks& predicted);

/// Compares each `RATER/<film>.json` with `PREDICTIONS/<film>/landmarks.json`. A film that cannot
/// be compared (no prediction, damaged file, other size than the rater's film) is a row with its
/// error.
/// @throws Error(not_found) if RATER holds no JSON file
std::vector<RaterComparison> compare_folders_with_rater(const std::filesystem::path& predictions,
                                                        const std::filesystem::path& rater);

/// Whether any film could not be compared although its prediction exists.
bool any_unreadable(const std::vector<RaterComparison>& films);

/// One row per film and a summary, as Markdown.
std::string to_markdown(const std::vector<RaterComparison>& films);
/// The rows as CSV.
std::string to_csv(const std::vector<RaterComparison>& films);

}  // namespace spine
