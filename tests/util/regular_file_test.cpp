#include "spine/util/regular_file.h"

#include <fstream>
#include <string>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <sys/stat.h>

#include "spine/core/error.h"

namespace fs = std::filesystem;
using namespace spine;

namespace {

std::string refusal(const fs::path& file, ErrorKind kind) {
  try {
    require_regular_file(file);
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    const std::string start = "read " + file.string() + ": expected a file, ";
    const std::string message = error.what();
    CHECK(message.starts_with(start));
    return message.substr(start.size());
  }
  return {};
}

}  // namespace

TEST_CASE("A file and a link to one are regular") {
  const test::TempDir temp;
  std::ofstream(temp / "a") << "text";
  fs::create_symlink("a", temp / "b");
  CHECK_NOTHROW(require_regular_file(temp / "a"));
  CHECK_NOTHROW(require_regular_file(temp / "b"));
}

TEST_CASE("Anything but a regular file is rejected by name") {
  const test::TempDir temp;
  REQUIRE(::mkfifo((temp / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("nothing", temp / "link");
  fs::create_symlink("loop", temp / "loop");
  CHECK(refusal(temp / "none", ErrorKind::not_found) == "found none");
  CHECK(refusal(temp / "link", ErrorKind::not_found) == "found a dangling link");
  CHECK(refusal(temp / "pipe", ErrorKind::unreadable) == "got a pipe");
  CHECK(refusal("/dev/zero", ErrorKind::unreadable) == "got a device");
  CHECK(refusal(temp.path(), ErrorKind::unreadable) == "got a folder");
  CHECK(refusal(temp / "loop", ErrorKind::unreadable) ==
        "got: " + std::make_error_code(std::errc::too_many_symbolic_link_levels).message());
}
