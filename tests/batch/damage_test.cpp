#include "spine/batch/damage.h"

#include "support/catch.h"
#include <nlohmann/json.hpp>

#include "spine/util/json.h"

using namespace spine::batch;
using nlohmann::json;

TEST_CASE("Truncated records are recognized at every length, complete ones are not damaged") {
  for (const json& record :
       {json{{"schema", "spine-run/2"}, {"command", "spine-seg"}, {"counts", {{"done", 2}}}},
        json{{"schema", "spine-measurements/2"},
             {"measurements", {{"PI", {{"value", -1.5e-3}, {"status", "ok"}}}}},
             {"notes", {"\u00e9\"", "b"}},
             {"qc", json::array()},
             {"status", "ok"}},
        json{{"schema", "spine-segmentation/2"},
             {"anterior", "left"},
             {"exposed_field", {0, 0, 10, 20}},
             {"notes", {"a"}},
             {"provenance", json::object()}}}) {
    const std::string whole = spine::pretty(record);
    const std::size_t closed = whole.size() - 1;  // the line end may be missing
    for (std::size_t size = 0; size < closed; ++size) {
      INFO(size << " bytes of " << whole);
      CHECK(is_cut_off_json(whole.substr(0, size)));
      CHECK(is_cut_off_json(whole.substr(0, size) + std::string(100, '\0')));
    }
    CHECK_FALSE(is_cut_off_json(whole));
  }
  CHECK(is_cut_off_json(std::string(4096, '\0')));
  CHECK(is_cut_off_json(std::string(4096, '\0') + "the end of a record\n}\n"));
}

TEST_CASE("Files of other origin are not classified as truncated records") {
  const auto text = GENERATE(as<std::string>{}, "[]", "{}", "not json", "{not json", "{\"a\": 1",
                             "{ \"command\": 1", "[1,", "{\n  \"mine\": [1,\n",
                             "{\n  \"title\": \"x\",\n  \"count", "{\n  \"command\": oops\n}\n",
                             std::string("\0{\0\"\0c\0", 8), std::string("{\0\n\0 \0 \0\"\0", 10),
                             "\xff\xfe{", "<html>");
  INFO(text);
  CHECK_FALSE(is_cut_off_json(text));
}

TEST_CASE("Truncated tables are distinguished from tables of other origin") {
  const std::string header = "study,path,status,error";
  for (const std::string text : {"", "s", "study,pa", "study,path,status,erro"}) {
    CHECK(is_cut_off_table(text, header));
    CHECK(is_cut_off_table(text + std::string(50, '\0'), header));
  }
  for (const char* text : {"my,table\n", "study\n1\n", "study,path,status,error\n", "\n"}) {
    CHECK_FALSE(is_cut_off_table(text, header));
  }
}
