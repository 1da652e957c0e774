#include "spine/review/groups.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;

TEST_CASE("columns with few different values are groups, names and constants are not") {
  const TempDir dir;
  {
    std::ofstream table(dir / "t.csv");
    table << "site,study,name,unit\n";
    for (int i = 0; i < 30; ++i) {
      table << (i % 3 == 0   ? "north"
                : i % 3 == 1 ? "south"
                             : "")
            << ",s" << i << ",patient" << i << ",mm\n";
    }
    table << "north\n";  // cut off
  }
  const Groups groups = read_groups(dir / "t.csv");
  CHECK(groups.size() == 20);
  CHECK(groups.at("s3") == std::map<std::string, std::string>{{"site", "north"}});
  CHECK(groups.at("s4").at("site") == "south");
  CHECK(groups.count("s5") == 0);
}

TEST_CASE("a table of groups without studies is refused") {
  const TempDir dir;
  std::ofstream(dir / "t.csv") << "site,film\nnorth,a\n";
  CHECK_THROWS_AS(read_groups(dir / "t.csv"), Error);
}
