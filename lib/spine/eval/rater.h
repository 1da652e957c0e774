#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "spine/core/landmarks.h"

namespace spine {

/// What a person read on a real film. Every point may be missing by itself.
/// File: {"size":[w,h], "anterior":"left|right", "confidence":{"L1":0..1, ..., "S1":...},
///   "vertebrae":{"L1":{"sup_post":[x,y]|null, "sup_ant":…, "inf_post":…, "inf_ant":…}, …},
///   "S1":{"sup_post":…, "sup_ant":…}, "femoral_heads":[{"center":[x,y],"radius_x":…,"radius_y":…}
///   | null, …]}. Heads are ellipses, since the films may be squeezed.
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
  /// Without any confidence in S1 the numbering of the levels is a guess.
  bool numbering_certain = true;
};

/// @throws Error(not_found | unreadable).
RaterLandmarks read_rater_landmarks(const std::filesystem::path& file);

/// One film against its reader, in the film's own pixels.
struct RaterComparison {
  std::string film;
  std::string error;  ///< why it cannot be compared; empty when it was
  bool numbering_certain = true;
  int bodies_read = 0;        ///< bodies of which the reader gave all four corners
  int bodies_right = 0;       ///< of these, found under the right name
  int bodies_wrong = 0;       ///< bodies found under another's name
  bool levels_right = false;  ///< none wrong, and at most one not found
  bool anterior_right = false;
  std::vector<double> endplate_deg;    ///< direction errors, of right bodies and S1
  std::vector<double> corner_percent;  ///< distances of corners, % of the film's width
  std::vector<double> head_percent;    ///< distances of head centres, % of the film's width
  int heads_read = 0;
};

/// A predicted body is right when its middle lies inside the reader's body of that name, wrong when
/// it lies inside another one. S1 counts where its middle is within half an endplate of the
/// reader's. Heads are paired so that the sum of the distances is least.
RaterComparison compare_with_rater(const RaterLandmarks& reader, const Landmarks& predicted);

/// Compares each READER/<film>.json with PREDICTIONS/<film>/landmarks.json. A film that cannot be
/// compared (no prediction, a damaged file, another size than the reader's film) is a row with its
/// error.
/// @throws Error(not_found) when READER holds no JSON file.
std::vector<RaterComparison> compare_folders_with_rater(const std::filesystem::path& predictions,
                                                        const std::filesystem::path& reader);

/// Whether some film could not be compared though its prediction is there.
bool any_unreadable(const std::vector<RaterComparison>& films);

/// A row per film and a summary.
std::string to_markdown(const std::vector<RaterComparison>& films);
/// The rows as CSV.
std::string to_csv(const std::vector<RaterComparison>& films);

}  // namespace spine
