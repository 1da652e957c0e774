#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "spine/core/mask_stack.h"
#include "spine/core/orientation.h"

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
  MaskStack masks;              ///< of the size that is stated there, then turned
};

/// How a label lies on the picture that it was drawn on. Labelme shows pictures upright, as EXIF
/// says, and so its labels are upright; tools that ignore EXIF draw on the picture as stored.
/// @param labels, film  sizes of the label and of the upright film
/// @param stored  how the film's picture lies in its file
/// @returns what turns the label upright: nothing to be done where the sizes are equal (of films
///          whose sides are not exchanged both kinds of tools write equal sizes: taken as
///          upright), the film's orientation where the label is of the picture as stored; nullopt
///          where it fits neither
std::optional<Orientation> orientation_of_labels(cv::Size labels, cv::Size film,
                                                 Orientation stored);

/// Polygons, rectangles and circles become masks; shapes of one class are joined. Where heads are
/// not told apart, the first two of them are F1 and F2 in the order of their x; who knows the
/// patient's front may exchange them.
/// @param drawn_on  how the picture lies that the shapes were drawn on; masks are turned upright
/// @throws Error(not_found | unreadable | unsupported) naming the file and the shape: an unknown
///         class, a shape without area, points that are none, a third head.
LabelmeFilm read_labelme(const std::filesystem::path& file, const LabelTable& table,
                         Orientation drawn_on = Orientation::top_left);

/// Whether a file's text is JSON with shapes, as Labelme's is. @throws as read_file().
bool is_labelme(const std::filesystem::path& file);

}  // namespace spine
