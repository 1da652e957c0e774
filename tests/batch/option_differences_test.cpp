#include "spine/batch/option_differences.h"

#include "support/catch.h"
#include <nlohmann/json.hpp>

using namespace spine::batch;
using nlohmann::json;

namespace {

std::string told(const json& before, const json& now) {
  return option_differences({before, "before"}, {now, "now"});
}

}  // namespace

TEST_CASE("Differing options are listed by name with both values") {
  const json before{{"segment", {{"threshold", 0.5}, {"plain", false}}}, {"version", "1"}};
  CHECK(told(before, before).empty());
  json now = before;
  now["segment"]["threshold"] = 0.4;
  CHECK(told(before, now) == "segment.threshold: 0.5 before, 0.4 now");
  now["frame"] = 2;
  now.erase("version");
  CHECK(told(before, now) ==
        "frame: none before, 2 now; segment.threshold: 0.5 before, 0.4 now; "
        "version: \"1\" before, none now");
  CHECK(told({{"restore", "never"}}, {{"restore", {{"method", "standard"}}}}) ==
        "restore: \"never\" before, {\"method\":\"standard\"} now");
}

TEST_CASE("Long values and lists are shortened to one line") {
  const json before{{"sha256", std::string(64, 'a')}}, now{{"sha256", std::string(64, 'b')}};
  CHECK(told(before, now).size() < 160);
  json many = json::object();
  for (char c = 'a'; c <= 'z'; ++c) many[std::string(1, c)] = "x\ny";
  const std::string text = told(json::object(), many);
  CHECK(text.find("; and 18 more") != std::string::npos);
  CHECK(text.find('\n') == std::string::npos);
}
