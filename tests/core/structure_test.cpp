#include "spine/core/structure.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("structures keep the order of masks.tif and their names") {
  const std::array<std::string_view, 8> names{"L1", "L2", "L3", "L4", "L5", "S", "F1", "F2"};
  for (std::size_t i = 0; i < kStructureCount; ++i) {
    CHECK(index(kStructures[i]) == i);
    CHECK(to_string(kStructures[i]) == names[i]);
    CHECK(structure_from_string(names[i]) == kStructures[i]);
  }
}

TEST_CASE("other words are no structures") {
  for (const char* word : {"", "L6", "l1", "S1", "F"}) {
    CHECK_FALSE(structure_from_string(word).has_value());
  }
}

TEST_CASE("sides have names") {
  CHECK(to_string(Side::left) == "left");
  CHECK(to_string(Side::right) == "right");
}
