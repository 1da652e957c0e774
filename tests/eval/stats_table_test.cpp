#include "spine/eval/stats_table.h"

#include "support/catch.h"

using namespace spine;

TEST_CASE("each column has a cell, empty where nothing was completed") {
  const auto cells = stats_cells(summarise({{10, 11}, {20, 18}, {30, std::nullopt}}));
  REQUIRE(cells.size() == stats_columns().size());
  CHECK(cells.front() == "1.500");
  CHECK(cells.back() == "66.7");
  const auto none = stats_cells(summarise({{10, std::nullopt}}));
  CHECK(none.front().empty());
  CHECK(none.back() == "0.0");
}

TEST_CASE("main measurements are those of the pelvis, of lordosis and of its segments") {
  CHECK(is_main_metric("PT"));
  CHECK(is_main_metric("segmental_L4_L5"));
  CHECK_FALSE(is_main_metric("wedge_L1"));
}
