#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"

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

/// The angle error of an endplate that was not found, degrees.
inline constexpr double kNotFoundDeg = 90;

/// Comparison of one film with its rater, in film pixels.
struct RaterComparison {
  std::string film;
  std::string error;  ///< why it cannot be compared; empty if it was
  bool numbering_certain = true;
  int bodies_read = 0;        ///< levels of L1-L5 whose superior endplate the rater marked
  int bodies_right = 0;       ///< of these, found with the right level label
  int bodies_wrong = 0;       ///< of these, found with a wrong level label
  bool levels_right = false;  ///< every level that the rater marked is found with its label
  bool anterior_right = false;
  /// Angle errors of the endplates of L1-L5 that the rater marked, degrees, 0..90; 90 where the
  /// endplate of that label was not found.
  std::vector<double> endplate_deg;
  /// Angle error of the S1 endplate, degrees, positive where the predicted one is steeper (its SS
  /// is larger); kNotFoundDeg if it was not found, nullopt if the rater did not mark it.
  std::optional<double> s1_deg;
  /// Whether the rater's SS and LL lie within the 90 % interval of the predicted ones (kWithin90
  /// standard errors); nullopt where a value or standard error is missing.
  std::optional<bool> ss_in_interval, ll_in_interval;
  std::vector<double> corner_percent;  ///< distances of corners, % of the film width
  std::vector<double> head_percent;    ///< distances of head centres, % of the film width
  int heads_read = 0;                  ///< heads marked by the rater
};

/// Compares predicted landmarks with those of a rater. A predicted body is right if, of all
/// superior endplates that the rater marked (S1 included), the one of its label is nearest to the
/// middle of its own. Endplates are compared label by label, whether the labels are right or not;
/// corners only of right bodies and of S1. Heads are matched to minimize the sum of distances.
/// @param values  measured from the predicted landmarks, for their standard errors; may be empty
RaterComparison compare_with_rater(const RaterLandmarks& rater, const Landmarks& predicted,
                                   const std::vector<Measurement>& values = {});

/// Compares each `RATER/<film>.json` with the study `PREDICTIONS/<film>`. A film that cannot
/// be compared (no prediction, damaged file, other size than the rater's film) is a row with its
/// error.
/// @throws Error(not_found) if RATER holds no JSON file
std::vector<RaterComparison> compare_folders_with_rater(const std::filesystem::path& predictions,
                                                        const std::filesystem::path& rater);

/// Whether any film could not be compared although its prediction exists.
bool any_unreadable(const std::vector<RaterComparison>& films);

/// The errors of S1 over films.
struct SacrumSummary {
  std::size_t films = 0;          ///< with an S1 endplate by the rater
  double median_deg = 0;          ///< of the absolute errors
  double share_beyond_5_deg = 0;  ///< share of films with a larger absolute error
  std::size_t count_beyond_12_deg =
      0;                ///< films with a larger absolute error: another endplate was taken
  double bias_deg = 0;  ///< mean of the signed errors up to 12 degrees
};
/// Summary over the films whose numbering is certain; films == 0 if there is none.
SacrumSummary summarize_sacrum(const std::vector<RaterComparison>& films);

/// One row per film and a summary, as Markdown.
std::string to_markdown(const std::vector<RaterComparison>& films);
/// The rows as CSV.
std::string to_csv(const std::vector<RaterComparison>& films);

}  // namespace spine
