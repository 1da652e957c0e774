#include "spine/util/json.h"

#include <string>

#include "support/catch.h"
#include <nlohmann/json.hpp>

using namespace spine;

namespace {

std::string nested(int levels, const std::string& open, const std::string& inner,
                   const std::string& close) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += open;
  text += inner;
  for (int i = 0; i < levels; ++i) text += close;
  return text;
}

}  // namespace

TEST_CASE("JSON at the nesting limit is distinguished from JSON one level deeper") {
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\": ", "}"}}) {
    CHECK_FALSE(is_nested_too_deep(nested(kMaxJsonLevels, open, "1", close)));
    CHECK(is_nested_too_deep(nested(kMaxJsonLevels + 1, open, "1", close)));
  }
  CHECK(is_nested_too_deep(std::string(100'000, '[')));
}

TEST_CASE("Adjacent brackets and brackets within strings are not nesting") {
  std::string flat = "[";
  for (int i = 0; i < 1000; ++i) flat += "[],{},";
  CHECK_FALSE(is_nested_too_deep(flat + "1]"));
  const std::string brackets(1000, '[');
  CHECK_FALSE(is_nested_too_deep("{\"a\": \"" + brackets + "\"}"));
  CHECK_FALSE(is_nested_too_deep(R"({"a": "\")" + brackets + "\"}"));
  CHECK(is_nested_too_deep(R"({"a": "\\")" + brackets));
  CHECK_FALSE(is_nested_too_deep(""));
}

TEST_CASE("Text is read only where a key of an object holds text") {
  const nlohmann::json object{{"name", "L1"}, {"count", 5}};
  CHECK(text_at(object, "name") == "L1");
  CHECK(text_at(object, "count").empty());
  CHECK(text_at(object, "none", "otherwise") == "otherwise");
  CHECK(text_at(nlohmann::json::array({"name"}), "name").empty());
  CHECK(text_at(nlohmann::json(), "name").empty());
}
