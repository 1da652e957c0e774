#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "spine/core/mask_stack.h"
#include "spine/core/orientation.h"

namespace spine {

/// Meaning of a class name of a label set.
struct LabelMeaning {
  std::optional<Structure> structure;  ///< nullopt: a femoral head, or ignored
  bool head = false;                   ///< either femoral head, to be assigned by position
};

/// Meanings by class name; classes without structure that are not heads are ignored.
using LabelTable = std::map<std::string, LabelMeaning>;

/// L1 ... F2 by their own names; "sacrum" and "S1" as S; "F", "FH", "femoral_head" as a head.
LabelTable default_label_table();

/// Reads a CSV with columns label,structure, where structure is L1 ... F2, F (either head) or empty
/// (ignored).
/// @throws Error(not_found | unreadable | usage) naming file and line
LabelTable read_label_table(const std::filesystem::path& file);

/// Labels of a film in Labelme's format (https://github.com/wkentaro/labelme).
struct LabelmeFilm {
  std::filesystem::path image;  ///< as named in the file, beside the JSON; may not exist
  MaskStack masks;              ///< of the size stated in the file, then rotated upright
};

/// Orientation of a label relative to the image it was drawn on. Labelme shows images upright by
/// EXIF, so that its labels are upright; tools that ignore EXIF label the image as stored.
/// @param labels, film  sizes of the label and of the upright film
/// @param stored  orientation of the film's image in its file
/// @returns the rotation that makes the label upright: none if the sizes are equal (films whose
/// sides are not exchanged give equal sizes with both kinds of tools and are assumed upright), the
/// film's orientation if the label matches the stored image; nullopt if it matches neither
std::optional<Orientation> orientation_of_labels(cv::Size labels, cv::Size film,
                                                 Orientation stored);

/// Reads polygons, rectangles and circles as masks; shapes of one class are merged. If heads are
/// not distinguished, the first two are F1 and F2 in order of x; callers that know the anterior
/// side may swap them.
/// @param drawn_on  orientation of the image that was labelled; masks are rotated upright
/// @throws Error(not_found | unreadable | unsupported) naming the file and the shape: an unknown
/// class, a shape without area, invalid points, a third head
LabelmeFilm read_labelme(const std::filesystem::path& file, const LabelTable& table,
                         Orientation drawn_on = Orientation::top_left);

/// Whether a file is JSON with shapes, as written by Labelme. @throws as read_file()
bool is_labelme(const std::filesystem::path& file);

}  // namespace spine
