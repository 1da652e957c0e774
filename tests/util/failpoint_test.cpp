#include "spine/util/failpoint.h"

#include "support/catch.h"
#include "support/child.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <fcntl.h>
#include <unistd.h>

#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"

namespace fs = std::filesystem;
using namespace spine;

namespace {

void write_plainly(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  failpoint::made(file);
  failpoint::wrote(file);
  REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(fd);
}

/// Simulates a power failure at the n-th failpoint "here" that the action passes.
void lose_power(const fs::path& folder, int n, const std::function<void()>& action) {
  const int code = test::exit_code_of_child([&] {
    failpoint::arm("power:here:" + std::to_string(n), folder);
    action();
    for (int i = 0; i < n; ++i) failpoint::pass("here");
    return 0;
  });
  REQUIRE(code == 137);
}

}  // namespace

TEST_CASE("A failpoint ends the process by number, or by name and number") {
  const auto passes = [](const std::string& spec) {
    return test::exit_code_of_child([&] {
      failpoint::arm(spec, {});
      int passed = 0;
      for (const char* name : {"a", "b", "a", "b"}) {
        try {
          failpoint::pass(name);
        } catch (const Error&) {
          return 50 + passed;
        }
        ++passed;
      }
      return passed;
    });
  };
  CHECK(passes("kill:2") == 137);
  CHECK(passes("kill:5") == 4);
  CHECK(passes("kill:b:2") == 137);
  CHECK(passes("kill:b:3") == 4);
  CHECK(passes("fail:b:2") == 53);
  for (const char* wrong : {"", "kill", "kill:", "kill:0", "kill:x", "die:1", "power:1"}) {
    test::message_of(ErrorKind::usage, [&] { failpoint::arm(wrong, {}); });
  }
}

TEST_CASE("A power failure damages unsynced content only") {
  for (int n = 1; n <= 6; ++n) {
    const test::TempDir dir, kept;
    lose_power(kept.path(), n, [&] {
      write_plainly(dir / "synced", "whole text");
      sync_file(dir / "synced");
      write_plainly(dir / "unsynced", "whole text");
      sync_folder(dir.path());
    });
    INFO("seed " << n);
    CHECK(read_file(dir / "synced") == "whole text");
    CHECK(read_file(dir / "unsynced") != "whole text");
  }
}

TEST_CASE("A power failure reverts unsynced names") {
  const test::TempDir dir, kept;
  write_file_atomically(dir / "a", std::string_view("old a"));
  write_file_atomically(dir / "b", std::string_view("old b"));
  lose_power(kept.path(), 3, [&] {  // none of the changes persists
    write_plainly(dir / "new", "new a");
    sync_file(dir / "new");
    move_file(dir / "new", dir / "a");
    remove_quietly(dir / "b");
  });
  CHECK(read_file(dir / "a") == "old a");
  CHECK(read_file(dir / "b") == "old b");
  CHECK_FALSE(fs::exists(dir / "new"));
}

TEST_CASE("An atomically written file is old or new after a power failure, and new after return") {
  for (int place = 1, code = 137; code == 137; ++place) {
    const test::TempDir dir, kept;
    write_file_atomically(dir / "a", std::string_view("old"));
    code = test::exit_code_of_child([&] {
      failpoint::arm("power:" + std::to_string(place), kept.path());
      write_file_atomically(dir / "a", std::string_view("new"));
      return 0;
    });
    INFO("place " << place);
    const std::string text = read_file(dir / "a");
    CHECK((text == "old" || text == "new"));
    REQUIRE(place < 100);
  }
  for (int n = 1; n <= 3; ++n) {
    const test::TempDir dir, kept;
    lose_power(kept.path(), n, [&] {
      make_folders(dir / "deep" / "er");
      write_file_atomically(dir / "deep" / "er" / "a", std::string_view("new"));
    });
    CHECK(read_file(dir / "deep" / "er" / "a") == "new");
  }
}
