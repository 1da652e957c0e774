#include "spine/infer/input_json.h"

#include "support/catch.h"

#include "spine/core/error.h"

TEST_CASE("An input specification survives its JSON") {
  spine::InputSpec input;
  input.size = 320;
  input.views = {"original", "clahe"};
  input.mean = 0.25;
  const auto back = spine::input_spec_from_json(to_json(input), "x");
  CHECK(back.size == 320);
  CHECK(back.views == input.views);
  CHECK(back.mean == 0.25);
  CHECK(back.std == 0.5);
}

TEST_CASE("An impossible input specification is refused") {
  auto json = to_json(spine::InputSpec{});
  json["std"] = 0;
  CHECK_THROWS_AS(spine::input_spec_from_json(json, "x"), spine::Error);
  json = to_json(spine::InputSpec{});
  json["colour"] = true;
  CHECK_THROWS_AS(spine::input_spec_from_json(json, "x"), spine::Error);
  json = to_json(spine::InputSpec{});
  json.erase("views");
  CHECK_THROWS_AS(spine::input_spec_from_json(json, "x"), spine::Error);
}
