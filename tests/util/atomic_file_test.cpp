#include "spine/util/atomic_file.h"

#include <csignal>
#include <fstream>
#include <iterator>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace spine;
using spine::test::contains;
using spine::test::message_of;

namespace {

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Exit code of a child process that runs `action` with files limited to `bytes`.
int in_child_with_file_limit(rlim_t bytes, const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);  // write() then fails with EFBIG
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(action());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("A file is written and replaced completely, without leaving a temporary") {
  const test::TempDir dir;
  write_file_atomically(dir / "a.txt", std::string_view("first"));
  CHECK(read_file(dir / "a.txt") == "first");
  write_file_atomically(dir / "a.txt", std::string_view("second, longer"));
  CHECK(read_file(dir / "a.txt") == "second, longer");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("Concurrent writers of a file use separate temporaries, and the last one prevails") {
  const test::TempDir dir;
  AtomicFile first(dir / "a.txt"), second(dir / "a.txt");
  first.write(std::string_view("first"));
  second.write(std::string_view("sec"));
  first.write(std::string_view(", whole"));
  first.commit();
  CHECK(read_file(dir / "a.txt") == "first, whole");
  second.write(std::string_view("ond"));
  second.commit();
  CHECK(read_file(dir / "a.txt") == "second");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("Temporaries are recognised by name, including those of earlier versions") {
  const test::TempDir dir;
  const AtomicFile file(dir / "run.json");
  const std::string name = fs::directory_iterator(dir.path())->path().filename().string();
  CHECK(is_temporary_of("run.json", name));
  CHECK(is_temporary_of("run.json", "run.json.tmp-123"));
  CHECK_FALSE(is_temporary_of("run.json", "run.json.tmp-"));
  CHECK_FALSE(is_temporary_of("run.json", "run.json.tmp-mine"));
  CHECK_FALSE(is_temporary_of("run.json", "run.json"));
  CHECK_FALSE(is_temporary_of("run.json", "other.tmp-123"));
}

TEST_CASE("Files to be synced together are recorded") {
  const test::TempDir dir;
  const SyncLater outer;
  {
    const SyncLater later;
    write_file_atomically(dir / "a", std::string_view("a"));
    write_file_atomically(dir / "b", std::string_view("b"));
    CHECK(later.files() == std::vector<fs::path>{dir / "a", dir / "b"});
  }
  write_file_atomically(dir / "c", std::string_view("c"));
  CHECK(outer.files() == std::vector<fs::path>{dir / "c"});
}

TEST_CASE("A missing folder is an output error that names the file") {
  const test::TempDir dir;
  const auto message = message_of(ErrorKind::output, [&] {
    write_file_atomically(dir / "none" / "a.txt", std::string_view("x"));
  });
  CHECK(contains(message, "none/a.txt"));
  CHECK(contains(message, "No such file or directory"));
}

TEST_CASE("A target that cannot be replaced leaves no temporary") {
  const test::TempDir dir;
  fs::create_directory(dir / "a.txt");
  message_of(ErrorKind::output,
             [&] { write_file_atomically(dir / "a.txt", std::string_view("x")); });
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("A write without space reports the reason and keeps the old file") {
  const test::TempDir dir;
  write_file_atomically(dir / "a.txt", std::string_view("old"));
  const std::string large(100'000, 'x');
  const int code = in_child_with_file_limit(4096, [&] {
    try {
      write_file_atomically(dir / "a.txt", std::string_view(large));
    } catch (const Error& error) {
      const bool told = contains(error.what(), "a.txt: File too large");
      return error.kind() == ErrorKind::output && told ? 7 : 8;
    }
    return 9;
  });
  CHECK(code == 7);
  CHECK(read_file(dir / "a.txt") == "old");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("Reading distinguishes a missing file from a folder") {
  const test::TempDir dir;
  CHECK(contains(message_of(ErrorKind::not_found, [&] { read_file(dir / "no.txt"); }), "no.txt"));
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_file(dir.path()); }), "folder"));
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_file(dir / "pipe"); }), "a pipe"));
  write_file_atomically(dir / "empty", std::string_view());
  CHECK(read_file(dir / "empty").empty());
}

TEST_CASE("A file beyond the size limit is not read, even if it is sparse") {
  const test::TempDir dir;
  std::ofstream(dir / "sparse.png") << "start";
  std::filesystem::resize_file(dir / "sparse.png", std::uintmax_t{1} << 40U);
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_file(dir / "sparse.png"); }),
                 "expected at most 2048 MiB, got 1048576"));
  write_file_atomically(dir / "a.txt", "12345");
  CHECK(read_file(dir / "a.txt", 5) == "12345");
  message_of(ErrorKind::unreadable, [&] { read_file(dir / "a.txt", 4); });
}
