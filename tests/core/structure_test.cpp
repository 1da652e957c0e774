#include "spine/core/structure.h"

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

TEST_CASE("Sides have names") {
  CHECK(to_string(Side::left) == "left");
  CHECK(to_string(Side::right) == "right");
}
