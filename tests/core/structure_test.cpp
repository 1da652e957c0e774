#include "spine/core/structure.h"

#include <array>
#include <string>
#include <vector>

#include "support/catch.h"

using namespace spine;

TEST_CASE("Structures have the order and names of masks.tif") {
  const std::array<std::string_view, 8> names{"L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"};
  for (std::size_t i = 0; i < kStructureCount; ++i) {
    CHECK(index(kStructures[i]) == i);
    CHECK(to_string(kStructures[i]) == names[i]);
    CHECK(structure_from_string(names[i]) == kStructures[i]);
  }
}

TEST_CASE("Other names are not structures") {
  for (const char* word : {"", "L6", "l1", "S1", "F"}) {
    CHECK_FALSE(structure_from_string(word).has_value());
  }
}

TEST_CASE("Levels and discs have the names that files use") {
  const std::vector<std::string> levels{"L1", "L2", "L3", "L4", "L5", "S1"};
  for (std::size_t level = 0; level <= kS1; ++level) {
    CHECK(level_name(level) == levels[level]);
    CHECK(level_from_name(levels[level]) == level);
  }
  for (const char* word : {"", "S", "L6", "l1", "L1 ", "F1"}) CHECK_FALSE(level_from_name(word));
  CHECK(disc_name(0) == "L1_L2");
  CHECK(disc_name(4) == "L5_S1");
}

TEST_CASE("The more anterior of two columns lies towards the anterior side") {
  CHECK(is_more_anterior(1, 2, Side::left));
  CHECK_FALSE(is_more_anterior(2, 1, Side::left));
  CHECK(is_more_anterior(2, 1, Side::right));
  CHECK_FALSE(is_more_anterior(1, 2, Side::right));
  CHECK_FALSE(is_more_anterior(1, 1, Side::left));
  CHECK_FALSE(is_more_anterior(1, 1, Side::right));
}

TEST_CASE("Sides have names") {
  CHECK(to_string(Side::left) == "left");
  CHECK(to_string(Side::right) == "right");
}
