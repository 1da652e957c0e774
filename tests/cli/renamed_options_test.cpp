#include "spine/cli/renamed_options.h"

#include <sstream>

#include "support/catch.h"

using namespace spine::cli;
using Arguments = std::vector<std::string>;

TEST_CASE("Old option names are replaced, each with a notice") {
  const CurrentNames names = with_current_names(
      "spine-seg", {"films", "--close-up", "none", "--study-key=k", "-o", "out"});
  CHECK(names.arguments == Arguments{"films", "--roi", "none", "--pseudonym-key=k", "-o", "out"});
  REQUIRE(names.notices.size() == 2);
  CHECK(names.notices[0].find("--close-up was renamed to --roi") == 0);
}

TEST_CASE("The value report becomes baseline only for method options") {
  CHECK(with_current_names("spine-seg", {"--landmarks", "report", "-o", "report"}).arguments ==
        Arguments{"--landmarks", "baseline", "-o", "report"});
  CHECK(with_current_names("spine-restore", {"--method=report"}).arguments ==
        Arguments{"--method=baseline"});
  CHECK(with_current_names("spine-eval", {"report", "--landmarks", "fit", "report"}).arguments ==
        Arguments{"report", "--landmarks", "fit", "report"});
}

TEST_CASE("Old names of weights are replaced where weights are named") {
  const CurrentNames names = with_current_names(
      "spine-restore", {"implant_finder_small", "--implant-model", "implant_finder_small",
                        "--finder-close-up=implant_finder_small_close_up", "-o", "out"});
  CHECK(names.arguments == Arguments{"implant_finder_small", "--implant-model", "implant_net_small",
                                     "--implant-roi=implant_net_small_roi", "-o", "out"});
  REQUIRE(names.notices.size() == 3);
  CHECK(names.notices[0].find("--implant-model implant_finder_small was renamed to "
                              "--implant-model implant_net_small;") == 0);
}

TEST_CASE("Old names of training tasks are replaced only as the first argument of spine-train") {
  CHECK(with_current_names("spine-train", {"spreads", "spreads"}).arguments ==
        Arguments{"uncertainty", "spreads"});
  CHECK(with_current_names("spine-eval", {"spreads"}).arguments == Arguments{"spreads"});
}

TEST_CASE("Current names and arguments after -- are unchanged, without a notice") {
  const Arguments current{"films", "--roi", "none", "--", "--close-up"};
  const CurrentNames names = with_current_names("spine-seg", current);
  CHECK(names.arguments == current);
  CHECK(names.notices.empty());
}

TEST_CASE("Keys of a configuration file may be old names") {
  std::vector<std::string> notices;
  std::istringstream toml("close-up = \"none\"\nlandmarks = \"report\"\n");
  const auto items = config_with_current_names(notices)->from_config(toml);
  REQUIRE(items.size() == 2);
  CHECK(items[0].name == "roi");
  CHECK(items[1].inputs == Arguments{"baseline"});
  CHECK(notices.size() == 2);
}
