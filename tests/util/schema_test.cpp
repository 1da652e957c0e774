#include "spine/util/schema.h"

#include "support/catch.h"
#include <nlohmann/json.hpp>

using namespace spine;
using nlohmann::json;

TEST_CASE("A document of version 1 gets the keys of version 2, including nested ones") {
  json record = {
      {"schema", "spine-measurements/1"},
      {"polarity_turned", true},
      {"provenance", {{"level_doubt", 0.25}, {"weights", {{"name", "a"}, {"close_up", "b"}}}}}};
  update_schema(record);
  CHECK(record ==
        json{{"schema", "spine-measurements/2"},
             {"inverted", true},
             {"provenance",
              {{"labelling_ambiguity", 0.25}, {"weights", {{"name", "a"}, {"roi", "b"}}}}}});
}

TEST_CASE("Entries of a weights manifest are renamed, their training records are not") {
  json manifest = {{"schema", "spine-weights-manifest/1"},
                   {"weights", {{{"close_up", "b"}, {"training", {{"close_up", true}}}}}}};
  update_schema(manifest);
  CHECK(manifest["weights"][0] == json{{"roi", "b"}, {"training", {{"close_up", true}}}});
}

TEST_CASE("Documents of this and other versions, and non-objects, are unchanged") {
  for (const json& document :
       {json{{"schema", "spine-run/2"}, {"study_key", 1}}, json{{"schema", "spine-run/3"}},
        json{{"schema", 5}, {"spreads", 1}}, json{{"spreads", 1}}, json::array({1}), json(),
        json{{"schema", "spine-run/1"}, {"inputs", 5}}}) {
    json updated = document;
    update_schema(updated);
    if (updated.is_object()) updated.erase("schema");
    json before = document;
    if (before.is_object()) before.erase("schema");
    CHECK(updated == before);
  }
}
