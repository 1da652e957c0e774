#include "spine/io/dicom/dicom_orientation.h"

#include "io/dicom/dicom_films.h"

using namespace spine;

namespace {

struct Found {
  Orientation orientation;
  std::size_t notes;
  friend bool operator==(const Found&, const Found&) = default;
};

Found found(const char* letters, const char* cosines = nullptr, const char* kind = nullptr) {
  prepare_dicom_libraries();
  DcmDataset data;
  if (letters != nullptr) data.putAndInsertString(DCM_PatientOrientation, letters);
  if (cosines != nullptr) data.putAndInsertString(DCM_ImageOrientationPatient, cosines);
  if (kind != nullptr) data.putAndInsertString(DCM_AnatomicalOrientationType, kind);
  FilmInfo info;
  const Orientation orientation = find_orientation(data, info);
  const bool doubted = orientation == Orientation::top_left && !info.notes.empty();
  CHECK(info.flags.size() == (doubted ? 1U : 0U));
  return {orientation, info.notes.size()};
}

}  // namespace

TEST_CASE("Films whose columns run to the feet are upright, mirrored or not") {
  for (const char* value : {"A\\F", "P\\F", "L\\F", "AL\\FP", "a\\f", "\\F", "", "A\\P ", "A\\"}) {
    const bool contradictory = std::string(value) == "A\\P ";
    CHECK(found(value) == Found{Orientation::top_left, contradictory ? 1U : 0U});
  }
  CHECK(found(nullptr) == Found{Orientation::top_left, 0});
}

TEST_CASE("Other films are rotated and never mirrored") {
  for (const char* value : {"P\\H", "A\\H", "PF\\HA", "\\H"}) {
    CHECK(found(value) == Found{Orientation::bottom_right, 1});
  }
  for (const char* value : {"H\\A", "H\\P", "HP\\AF", "H\\"}) {
    CHECK(found(value) == Found{Orientation::left_bottom, 1});
  }
  for (const char* value : {"F\\P", "F\\A", "F R\\A", "FA\\PH"}) {
    CHECK(found(value) == Found{Orientation::right_top, 1});
  }
}

TEST_CASE("Invalid orientations are ignored and noted") {
  for (const char* value : {"H\\F", "F\\F", "A\\A", "X\\Y", "F", "A\\F\\H", "1\\0", "L\\R"}) {
    CHECK(found(value) == Found{Orientation::top_left, 1});
  }
  // For quadrupeds the same letters denote other directions.
  CHECK(found("H\\A", nullptr, "QUADRUPED") == Found{Orientation::top_left, 0});
}

TEST_CASE("Direction cosines are used without letters") {
  // Columns downwards, along minus z.
  CHECK(found(nullptr, "0\\1\\0\\0\\0\\-1") == Found{Orientation::top_left, 0});
  CHECK(found(nullptr, "0\\1\\0\\0\\0\\1") == Found{Orientation::bottom_right, 1});
  CHECK(found(nullptr, "0\\0\\1\\0\\1\\0") == Found{Orientation::left_bottom, 1});
  CHECK(found("A\\F", "0\\-1\\0\\0\\0\\-1") == Found{Orientation::top_left, 0});
  // Letters and cosines contradict each other.
  CHECK(found("A\\F", "0\\1\\0\\0\\0\\1") == Found{Orientation::top_left, 1});
  CHECK(found(nullptr, "0\\1\\0") == Found{Orientation::top_left, 0});
}
