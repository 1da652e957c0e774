#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spine::review {

/// A change of one part of "spine-landmarks/2" (io/README.md) by a reader. `at` names the part:
///   "vertebrae.L3"           a whole body, or null where there is none
///   "vertebrae.L3.sup_post"  one of its corners, [x, y] in pixels of the upright film
///   "S1", "S1.sup_ant"       the endplate of S1, or one of its ends
///   "femoral_heads"          the list of heads
///   "anterior"               "left" or "right"
struct LandmarkChange {
  std::string at;
  nlohmann::json from, to;  ///< null: not there
  friend bool operator==(const LandmarkChange&, const LandmarkChange&) = default;
};

/// Makes the changes in order.
/// @param landmarks  "spine-landmarks/2"; unchanged if an exception is thrown
/// @throws Error(usage) if a part is unknown or differs from `from`, or if the result is no
/// valid "spine-landmarks/2"
void make_changes(const std::vector<LandmarkChange>& changes, nlohmann::json& landmarks);

/// The changes that undo these.
std::vector<LandmarkChange> inverse(const std::vector<LandmarkChange>& changes);

/// The changes that turn one set of landmarks of a film into another.
std::vector<LandmarkChange> difference(const nlohmann::json& from, const nlohmann::json& to);

/// Converts to {"at", "from", "to"}.
nlohmann::json to_json(const LandmarkChange& change);

/// The inverse. @throws Error(usage) for any other document
LandmarkChange change_from_json(const nlohmann::json& json);

/// The landmarks of which every value depends on, among those that differ: "L1.sup", "L1.inf", ...,
/// "S1.sup", "F1", "F2".
std::vector<std::string> edited_landmarks(const nlohmann::json& machine,
                                          const nlohmann::json& reader);

}  // namespace spine::review
