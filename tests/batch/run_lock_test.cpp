#include "spine/batch/run_lock.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/child.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

namespace {

LockRequest request_for(const fs::path& output, const std::string& shard = "1/1",
                        bool wait = false) {
  LockRequest request;
  request.output = output;
  request.shard = Shard::parse(shard);
  request.command = "spine-test";
  request.wait = wait;
  return request;
}

/// The reason for refusing a folder; empty if it is not refused.
std::string refusal(const LockRequest& request) {
  try {
    (void)RunLock::acquire(request);
    return {};
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::output);
    return error.what();
  }
}

fs::path lock_file_in(const fs::path& output) {
  for (const auto& entry : fs::directory_iterator(output)) return entry.path();
  return {};
}

/// What a process leaves that is killed while it holds a folder.
fs::path leave_lock(const fs::path& output, const std::string& shard = "1/1") {
  REQUIRE(test::exit_code_of_child([&] {
            const RunLock lock = RunLock::acquire(request_for(output, shard));
            ::_exit(7);
            return 0;
          }) == 7);
  const fs::path file = lock_file_in(output);
  REQUIRE_FALSE(file.empty());
  return file;
}

/// A lock file of a run on another machine; its name refers to no local process.
fs::path foreign_lock(const fs::path& output, const json& changes, int seconds_ago) {
  json content = json::parse(read_file(leave_lock(output)));
  fs::remove(lock_file_in(output));
  content.update(changes);
  const fs::path file = output / ".lock-00000000-1-1-00000000";
  std::ofstream(file) << content.dump() << "\n";
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(seconds_ago));
  return file;
}

}  // namespace

TEST_CASE("A second run in a folder is refused with a message naming the first") {
  const test::TempDir temp;
  {
    const RunLock lock = RunLock::acquire(request_for(temp.path()));
    lock.require_held();
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    const std::string why = refusal(request_for(temp.path()));
    CHECK(why.find(std::string(host) + ", process " + std::to_string(::getpid()) + ", since 20") !=
          std::string::npos);
    CHECK(why.find("--wait") != std::string::npos);
    CHECK(why.find('\n') == std::string::npos);
  }
  CHECK(fs::is_empty(temp.path()));
  CHECK(refusal(request_for(temp.path())).empty());
}

TEST_CASE("Shards of one batch run together, other pairs of runs do not") {
  const test::TempDir temp;
  const RunLock lock = RunLock::acquire(request_for(temp.path(), "2/4"));
  for (const char* shard : {"1/4", "3/4", "4/4"}) {
    CHECK(refusal(request_for(temp.path(), shard)).empty());
  }
  for (const char* shard : {"2/4", "1/1", "1/2", "2/2", "1/3", "4/8"}) {
    INFO(shard);
    CHECK_FALSE(refusal(request_for(temp.path(), shard)).empty());
  }
}

TEST_CASE("The lock of an ended process is ignored and removed") {
  const test::TempDir temp;
  leave_lock(temp.path());
  CHECK(refusal(request_for(temp.path())).empty());
  CHECK(fs::is_empty(temp.path()));
  SECTION("also if its process id was reused") {
    const fs::path left = leave_lock(temp.path());
    std::string name = left.filename().string();
    const auto place = name.find('-', name.find('-') + 1);
    const auto random = name.rfind('-');
    name = name.substr(0, place + 1) + std::to_string(::getpid()) + "-1" + name.substr(random);
    fs::rename(left, temp / name);
    CHECK(refusal(request_for(temp.path())).empty());
  }
  SECTION("also if truncated") {
    const fs::path left = leave_lock(temp.path());
    std::ofstream(left, std::ios::trunc);
    CHECK(refusal(request_for(temp.path())).empty());
  }
  SECTION("also if incomplete") {
    const fs::path left = leave_lock(temp.path());
    fs::rename(left, left.string() + ".new");
    CHECK(refusal(request_for(temp.path())).empty());
  }
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A lock from before the last boot is ignored") {
  const test::TempDir temp;
  foreign_lock(temp.path(), {{"boot", "another"}}, 0);
  CHECK(refusal(request_for(temp.path())).empty());
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A run on another machine or in another container counts while its lock is touched") {
  const json elsewhere =
      GENERATE(json{{"host", "elsewhere"}, {"machine", "another"}, {"boot", "another"}},
               json{{"processes", "pid:[1]"}}, json{{"host", "elsewhere"}});
  const test::TempDir temp;
  const fs::path file = foreign_lock(temp.path(), elsewhere, 60);
  CHECK(refusal(request_for(temp.path())).find(elsewhere.value("host", "")) != std::string::npos);
  CHECK(fs::exists(file));
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(300));
  CHECK(refusal(request_for(temp.path())).empty());
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A truncated lock of unknown origin expires like that of a silent run") {
  // Sorted before and after the names of requests.
  for (const char* name : {".lock-00000000-1-1-00000000", ".lock-~~~~~~~~-1-1-00000000"}) {
    const test::TempDir temp;
    std::ofstream(temp / name) << "";
    LockRequest request = request_for(temp.path());
    int asked = 0;
    request.stop_requested = [&] {
      // Simulates time: the file is two minutes older than new ones.
      if (++asked == 3) {
        fs::last_write_time(temp / name,
                            fs::file_time_type::clock::now() - std::chrono::seconds(121));
      }
      return asked > 50;
    };
    CHECK(refusal(request).empty());
    CHECK(asked >= 3);
    CHECK_FALSE(fs::exists(temp / name));
  }
}

TEST_CASE("Waiting for a truncated lock can be interrupted") {
  for (const char* name : {".lock-00000000-1-1-00000000", ".lock-~~~~~~~~-1-1-00000000"}) {
    const test::TempDir temp;
    std::ofstream(temp / name) << "";
    LockRequest request = request_for(temp.path());
    int asked = 0;
    request.stop_requested = [&] { return ++asked > 3; };
    try {
      (void)RunLock::acquire(request);
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::interrupted);
    }
  }
}

TEST_CASE("A run detects that its folder was taken over") {
  const test::TempDir temp;
  const RunLock lock = RunLock::acquire(request_for(temp.path()));
  fs::remove(lock_file_in(temp.path()));
  const RunLock other = RunLock::acquire(request_for(temp.path()));
  CHECK_THROWS_AS(lock.require_held(), Error);
  other.require_held();
}

TEST_CASE("Waiting ends with the other run or on interruption") {
  const test::TempDir temp;
  std::optional<RunLock> lock(RunLock::acquire(request_for(temp.path())));
  LockRequest request = request_for(temp.path(), "1/1", true);
  std::atomic<int> told{0};
  request.on_wait = [&](const LockOwner& owner) {
    CHECK(owner.pid == ::getpid());
    ++told;
  };
  SECTION("end") {
    std::thread waiting([&] { (void)RunLock::acquire(request); });
    while (told == 0) std::this_thread::yield();
    lock.reset();
    waiting.join();
  }
  SECTION("end, before anything is read") {
    std::thread waiting([&] { wait_for_runs(request); });
    while (told == 0) std::this_thread::yield();
    lock.reset();
    waiting.join();
  }
  SECTION("stop") {
    request.stop_requested = [&] { return told > 0; };
    try {
      (void)RunLock::acquire(request);
      FAIL("expected to be interrupted");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::interrupted);
    }
    lock.reset();
  }
  CHECK(told == 1);
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("A free or missing folder is not waited for, and nothing is created") {
  const test::TempDir temp;
  wait_for_runs(request_for(temp.path()));
  wait_for_runs(request_for(temp / "none"));
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("Of many concurrent requests one holds the folder at a time") {
  constexpr int kProcesses = 6, kTimes = 8;
  const test::TempDir temp;
  const fs::path output = temp / "out", count = temp / "count";
  fs::create_directory(output);
  std::ofstream(count) << 0;
  const auto counted = [&] {
    int value = -1;
    std::ifstream(count) >> value;
    return value;
  };
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int code = 0;
      try {
        for (int k = 0; k < kTimes; ++k) {
          const RunLock lock = RunLock::acquire(request_for(output, "1/1", true));
          const int before = counted();  // not atomic: concurrent increments lose a count
          std::this_thread::yield();
          std::ofstream(count) << before + 1;
        }
      } catch (const std::exception&) {
        code = 1;
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(counted() == kProcesses * kTimes);
  CHECK(fs::is_empty(output));
}
