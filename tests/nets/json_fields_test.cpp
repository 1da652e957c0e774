#include "spine/nets/json_fields.h"

#include "support/catch.h"
#include "support/throws.h"

using spine::ErrorKind;
using spine::JsonFields;
using spine::test::message_of;

TEST_CASE("Fields set what is there and leave the rest") {
  const nlohmann::json json = {{"a", 3}};
  int a = 1;
  int b = 2;
  JsonFields fields(json, "x.json");
  fields.optional("a", a);
  fields.optional("b", b);
  fields.finish();
  CHECK(a == 3);
  CHECK(b == 2);
}

TEST_CASE("Fields name an unknown key and the known ones") {
  const nlohmann::json json = {{"a", 3}, {"widht", 4}};
  int a = 0;
  JsonFields fields(json, "x.json");
  fields.optional("a", a);
  fields.optional("width", a);
  CHECK(message_of(ErrorKind::usage, [&] { fields.finish(); }) ==
        "x.json: unknown key \"widht\"; known keys: a, width");
}

TEST_CASE("Fields name a missing key, a wrong type and a wrong object") {
  const nlohmann::json json = {{"a", "three"}};
  int a = 0;
  JsonFields fields(json, "x.json");
  CHECK(message_of(ErrorKind::usage, [&] { fields.required("b", a); }) ==
        "x.json: key \"b\" is missing");
  CHECK(message_of(ErrorKind::usage, [&] { fields.optional("a", a); }) ==
        "x.json: key \"a\" has the wrong type: \"three\"");
  const nlohmann::json list = nlohmann::json::array();
  CHECK(message_of(ErrorKind::usage, [&] { JsonFields(list, "x.json"); }) ==
        "x.json: expected a JSON object, found array");
}
