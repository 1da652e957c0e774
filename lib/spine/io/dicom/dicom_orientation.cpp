#include "spine/io/dicom/dicom_orientation.h"

#include <cctype>
#include <cmath>
#include <string>

namespace spine {
namespace {

/// Directions of rows and columns: letters of PS3.3 C.7.6.1.1.1, '?' for any other text, a blank if
/// absent.
struct Directions {
  char row = ' ', column = ' ';
};

/// The principal direction: the first letter; refinements follow.
char principal(const std::string& value) {
  const auto start = value.find_first_not_of(' ');
  if (start == std::string::npos) return ' ';
  const int letter = std::toupper(static_cast<unsigned char>(value[start]));
  const auto known = std::string("APLRHF").find(static_cast<char>(letter));
  return known == std::string::npos ? '?' : static_cast<char>(letter);
}

Directions directions_from_letters(DcmItem& data) {
  const std::string text = tag_texts(data, DCM_PatientOrientation);
  // For quadrupeds the same letters denote other directions (C.7.6.1.1.1).
  if (tag_text(data, DCM_AnatomicalOrientationType) == "QUADRUPED") return {};
  const auto cut = text.find('\\');
  if (cut == std::string::npos) return {text.empty() ? ' ' : '?', ' '};
  const std::string rest = text.substr(cut + 1);
  if (rest.find('\\') != std::string::npos) return {'?', '?'};
  return {principal(text.substr(0, cut)), principal(rest)};
}

char principal(double x, double y, double z) {
  // x, y and z increase towards the patient's left, back and head.
  const double ax = std::abs(x), ay = std::abs(y), az = std::abs(z);
  if (!(ax + ay + az > 0)) return '?';
  if (az >= ax && az >= ay) return z > 0 ? 'H' : 'F';
  if (ay >= ax) return y > 0 ? 'P' : 'A';
  return x > 0 ? 'L' : 'R';
}

Directions directions_from_cosines(DcmItem& data) {
  const auto values = tag_numbers(data, DCM_ImageOrientationPatient);
  if (values.size() != 6) return {};
  for (const auto& value : values) {
    if (!value) return {};
  }
  return {principal(*values[0], *values[1], *values[2]),
          principal(*values[3], *values[4], *values[5])};
}

bool is_upright_axis(char direction) { return direction == 'H' || direction == 'F'; }

/// The opposite direction on the same axis.
char opposite(char direction) {
  const std::string letters = "APLRHF";
  const auto at = letters.find(direction);
  return at == std::string::npos ? ' ' : letters[at ^ 1U];
}

bool contradicts(const Directions& directions) {
  if (directions.row == '?' || directions.column == '?') return true;
  return directions.row != ' ' &&
         (directions.row == directions.column || directions.row == opposite(directions.column));
}

Orientation rotation_for(const Directions& directions) {
  if (directions.column == 'H') return Orientation::bottom_right;
  if (directions.row == 'H') return Orientation::left_bottom;
  if (directions.row == 'F') return Orientation::right_top;
  return Orientation::top_left;
}

}  // namespace

Orientation find_orientation(DcmItem& data, FilmInfo& info) {
  const Directions letters = directions_from_letters(data);
  const Directions cosines = directions_from_cosines(data);
  const auto is_conclusive = [](const Directions& directions) {
    return !contradicts(directions) &&
           (is_upright_axis(directions.row) || is_upright_axis(directions.column));
  };
  const bool both = is_conclusive(letters) && is_conclusive(cosines);
  if (contradicts(letters) || (both && rotation_for(letters) != rotation_for(cosines))) {
    info.notes.emplace_back(
        "the file's patient orientation is contradictory or unreadable and was ignored");
    info.flags.emplace_back("orientation_uncertain");
    return Orientation::top_left;
  }
  const Orientation orientation =
      rotation_for(is_conclusive(letters) || !is_conclusive(cosines) ? letters : cosines);
  switch (orientation) {
    case Orientation::bottom_right:
      info.notes.emplace_back(
          "the film is upside down in the file by its patient orientation: it was rotated by 180 "
          "degrees");
      break;
    case Orientation::left_bottom:
    case Orientation::right_top:
      info.notes.emplace_back(
          "the film is on its side in the file by its patient orientation: it was rotated by 90 "
          "degrees");
      break;
    default:
      break;
  }
  return orientation;
}

}  // namespace spine
