#include "spine/core/flags.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "support/catch.h"

using namespace spine;

namespace {

Measurements complete() {
  Measurements m;
  m.values = {{"PI", 50.0, "deg", "ok", 2.0},
              {"PT", 12.0, "deg", "ok", 0.5},
              {"SS", 38.0, "deg", "ok", 2.0},
              {"LL", 55.0, "deg", "ok"}};
  return m;
}

}  // namespace

TEST_CASE("A film with all values and no flag is ok") {
  const Assessment judged = assess(complete());
  CHECK(judged.verdict == Verdict::ok);
  CHECK(judged.reasons.empty());
  CHECK(to_string(judged.verdict) == "ok");
}

TEST_CASE("Flags are reasons for review unless they are informative only") {
  Measurements m = complete();
  m.qc = {"one_head", "implant"};
  CHECK(assess(m).verdict == Verdict::ok);
  m.qc.emplace_back("order");
  CHECK(assess(m).verdict == Verdict::review);
  CHECK(assess(m).reasons == std::vector<std::string>{"order"});
  CHECK(to_string(assess(m).verdict) == "review");
}

TEST_CASE("A film with a missing value has the verdict missing, regardless of flags") {
  Measurements m = complete();
  m.qc = {"order"};
  m.values.push_back({"LDI", std::nullopt, "%", "missing: L4"});
  CHECK(assess(m).verdict == Verdict::missing);
  CHECK(assess(m).reasons == std::vector<std::string>{"order"});
  CHECK(to_string(assess(m).verdict) == "missing");
}

TEST_CASE("Large standard errors are flagged, unknown ones are not") {
  Measurements m = complete();
  flag_uncertain(m);
  CHECK(m.qc.empty());
  m.values[1].standard_error = 10;
  m.values[2].standard_error = 10;
  flag_uncertain(m);
  CHECK(m.qc == std::vector<std::string>{"uncertain_PT", "uncertain_SS"});
}

TEST_CASE("Values outside the film are not missing") {
  Measurements m = complete();
  m.values[1] = {"PT", std::nullopt, "deg", kNotInFilm};
  CHECK(assess(m).verdict == Verdict::ok);
  m.qc = {"order"};
  CHECK(assess(m).verdict == Verdict::review);
  m.values[2] = {"SS", std::nullopt, "deg", "missing: S1"};
  CHECK(assess(m).verdict == Verdict::missing);
  // A film without any value has no good result.
  m.values = {{"PT", std::nullopt, "deg", kNotInFilm}};
  CHECK(assess(m).verdict == Verdict::missing);
}

TEST_CASE("Flags are reasons for review according to the table") {
  std::set<std::string_view> names;
  for (const Flag& flag : kFlags) {
    INFO(flag.name);
    CHECK(names.insert(flag.name).second);
    CHECK(find_flag(flag.name) == &flag);
    Measurements m = complete();
    m.qc = {std::string(flag.name)};
    CHECK((assess(m).verdict == Verdict::review) == flag.reason);
  }
  CHECK(find_flag("cropped_F1")->reason == false);
  CHECK(find_flag("no such flag") == nullptr);
  CHECK(is_reason("order"));
  CHECK_FALSE(is_reason("cropped_F1"));
  CHECK(is_reason("no such flag"));
  Measurements m = complete();
  m.qc = {"of a later version"};
  CHECK(assess(m).verdict == Verdict::review);
}

TEST_CASE("Flags of earlier stages are kept by later stages") {
  const std::vector<std::string> all{"implant",    "pixel_shape_uncertain", "levels_uncertain",
                                     "unclear_L2", "uncertain_PT",          "of a later version"};
  CHECK(flags_before(FlagSource::segmentation, all) ==
        std::vector<std::string>{"implant", "pixel_shape_uncertain", "of a later version"});
  CHECK(flags_before(FlagSource::landmarks, all) ==
        std::vector<std::string>{"implant", "pixel_shape_uncertain", "levels_uncertain",
                                 "of a later version"});
}

TEST_CASE("Flags are sorted and unique") {
  std::vector<std::string> flags{"of a later version", "implant", "uncertain_PT", "one_head",
                                 "implant"};
  sort_flags(flags);
  CHECK(flags ==
        std::vector<std::string>{"one_head", "uncertain_PT", "implant", "of a later version"});
}

TEST_CASE("Every flag raised in the code is in the table") {
  namespace fs = std::filesystem;
  // Flags given by name; "implausible_" + a name is the prefix of some.
  const std::regex given(R"re((?:qc|flags)(?:\(\))?\.(?:push_back|emplace_back)\()re"
                         R"re([^;]*;)re");
  const std::regex text(R"re("([A-Za-z0-9_]+)")re");
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SPINE_LIBRARY_DIR)) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream file(entry.path());
    const std::string code{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator call(code.begin(), code.end(), given), end; call != end; ++call) {
      const std::string words = call->str();
      for (std::sregex_iterator word(words.begin(), words.end(), text); word != end; ++word) {
        const std::string name = (*word)[1];
        INFO(entry.path().filename() << ": " << name);
        CHECK(std::any_of(kFlags.begin(), kFlags.end(), [&](const Flag& flag) {
          return flag.name == name || (name.back() == '_' && flag.name.starts_with(name));
        }));
        ++found;
      }
    }
  }
  CHECK(found > 15);
}
