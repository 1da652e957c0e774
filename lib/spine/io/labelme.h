#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "spine/core/mask_stack.h"

namespace spine {

/// What a class name of somebody's labels stands for.
struct LabelMeaning {
  std::optional<Structure> structure;  ///< nullopt: one of the femoral heads, or nothing
  bool head = false;                   ///< either head; which one, its place tells
};

/// Meanings by class name; one without structure and not a head is passed over.
using LabelTable = std::map<std::string, LabelMeaning>;

/// L1 ... F2 by their own names; "sacrum" and "S1" as S; "F", "FH", "femoral_head" as a head.
LabelTable default_label_table();

/// A CSV of the columns label,structure, where structure is L1 ... F2, F (either head) or empty
/// (passed over). @throws Error(not_found | unreadable | usage) naming file and line.
LabelTable read_label_table(const std::filesystem::path& file);

/// A film's labels as Labelme (https://github.com/wkentaro/labelme) writes them.
struct LabelmeFilm {
  std::filesystem::path image;  ///< as named there, beside the JSON; may not exist
  MaskStack masks;              ///< of the size that is stated there
};

/// Polygons, rectangles and circles become masks; shapes of one class are joined. Where heads are
/// not told apart, the first two of them are F1 and F2 in the order of their x; who knows the
/// patient's front may exchange them.
/// @throws Error(not_found | unreadable | unsupported) naming the file and the shape: an unknown
/// class, a
///         shape without area, points that are none, a third head.
LabelmeFilm read_labelme(const std::filesystem::path& file, const LabelTable& table);

}  // namespace spine
