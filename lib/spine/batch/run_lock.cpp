#include "spine/batch/run_lock.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "spine/batch/event_log.h"
#include "spine/core/error.h"
#include "spine/util/disk.h"
#include "spine/util/failpoint.h"
#include "spine/util/folder.h"
#include "spine/util/json.h"
#include "spine/util/sha256.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::string_view kStart = ".lock-";
/// A file being written; not yet a lock.
constexpr std::string_view kUnfinished = ".new";
constexpr std::chrono::seconds kHeartbeat{20}, kStale{120};
constexpr const char *kAsks = "asks", *kHolds = "holds";
constexpr std::size_t kDigits = 8;  ///< of hashes and random numbers in names

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// Fields 3 and 22 of /proc/PID/stat (proc(5)): state, and start time in clock ticks after boot.
struct ProcessFacts {
  std::string state, start;  ///< empty: no such process, or not accessible
};

ProcessFacts process_facts(long pid) {
  const std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = line.rfind(')');  // names may contain blanks and parentheses
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  ProcessFacts facts;
  fields >> facts.state;
  for (int i = 4; i <= 22; ++i) fields >> facts.start;
  return facts;
}

/// Whether the process of this machine with this start time still exists.
bool is_alive(long pid, const std::string& start) {
  const ProcessFacts now = process_facts(pid);
  if (now.start.empty()) return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH;
  return now.start == start && now.state != "Z" && now.state != "X";
}

std::string process_namespace() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/ns/pid", ignored).string();
}

/// Identifies this process among all others.
json own_identity() {
  return {{"host", host_name()},
          {"machine", sha256_of_text(first_line("/etc/machine-id")).substr(0, kDigits)},
          {"boot", first_line("/proc/sys/kernel/random/boot_id")},
          {"processes", process_namespace()},
          {"pid", ::getpid()},
          {"process_start", process_facts(::getpid()).start}};
}

struct timespec modified(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return status.st_mtim;
}

/// A lock file of some run.
struct Claim {
  fs::path file;
  std::string name;
  json content;  ///< null: gone or unreadable

  static Claim read(const fs::path& file) {
    Claim claim{file, file.filename().string(), {}};
    try {
      claim.content = read_json(file);
    } catch (const Error&) {
      return claim;
    }
    if (!claim.content.is_object()) claim.content = json();
    return claim;
  }
  [[nodiscard]] bool holds() const { return text_at(content, "state") == kHolds; }
  [[nodiscard]] LockOwner owner() const {
    LockOwner owner;
    if (!content.is_object()) return owner;
    owner.host = text_at(content, "host");
    owner.since = text_at(content, "since");
    owner.command = text_at(content, "command");
    owner.pid = content.value("pid", json()).is_number_integer() ? content["pid"].get<long>() : 0;
    try {
      owner.shard = Shard::parse(text_at(content, "shard"));
    } catch (const Error&) {
      owner.shard = {};  // conflicts with every run
    }
    return owner;
  }
};

/// Identifies the process id namespace: one boot of one machine, or a container in it.
std::string place_of(const json& identity) {
  std::string text;
  for (const char* key : {"host", "machine", "boot", "processes"}) {
    text += text_at(identity, key) + "\n";
  }
  return sha256_of_text(text).substr(0, kDigits);
}

/// ".lock-<place>-<pid>-<start>-<random>": identifies its owner even if the content was truncated.
std::string new_name(const json& own) {
  return std::string(kStart) + place_of(own) + "-" + std::to_string(::getpid()) + "-" +
         text_at(own, "process_start") + "-" + random_name().substr(0, kDigits);
}

/// Whether a run has ended. For a run on another host its file's age decides, relative to a file
/// just written, so that both times come from the machine that holds the folder.
bool is_over(const Claim& claim, const json& own, const fs::path& just_written) {
  std::istringstream parts(claim.name.substr(kStart.size()));
  std::string place, pid, start;
  std::getline(parts, place, '-');
  std::getline(parts, pid, '-');
  std::getline(parts, start, '-');
  if (place == place_of(own)) return !is_alive(std::strtol(pid.c_str(), nullptr, 10), start);
  const json& other = claim.content;
  const auto same = [&](const char* key) { return text_at(other, key) == text_at(own, key); };
  const bool same_machine = other.is_object() && same("host") && same("machine");
  if (same_machine && !text_at(own, "boot").empty() && !same("boot")) return true;
  const auto now = modified(just_written).tv_sec, then = modified(claim.file).tv_sec;
  return then == 0 || now - then > kStale.count();
}

/// Overwrites the content of a lock file, which is shorter or empty.
void write_claim(const fs::path& file, const json& content, int flags) {
  const auto fail = [&](int error_number) {
    throw Error(ErrorKind::output,
                "output: " + file.parent_path().string() + ": expected to make a lock file, got: " +
                    std::error_code(error_number, std::generic_category()).message());
  };
  const std::string text = content.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (fd < 0) fail(errno);
  if ((flags & O_CREAT) != 0) failpoint::made(file);
  failpoint::wrote(file);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  int error_number = written ? sync_descriptor(fd, file) : errno;
  if (::close(fd) != 0 && error_number == 0) error_number = errno;
  if (error_number != 0) {
    remove_quietly(file);
    fail(error_number);
  }
}

/// Folders contain few lock files; a run that ended without removing its own leaves one.
std::vector<Claim> claims_in(const fs::path& output) {
  const FolderListing listing = list_folder(output);
  if (listing.error) {
    throw Error(ErrorKind::output,
                "output: " + output.string() +
                    ": expected a folder that can be listed, got: " + listing.error.message());
  }
  std::vector<Claim> claims;
  for (const auto& entry : listing.entries) {
    if (entry.filename().string().starts_with(kStart)) claims.push_back(Claim::read(entry));
  }
  return claims;
}

/// Other runs that conflict with one.
struct Others {
  std::optional<LockOwner> holder;
  bool one_before = false;  ///< requests it too, and has priority
  bool one_after = false;   ///< requests it too, and may have done so before this one
};

/// Checks the files of other runs and removes those of ended runs.
Others look_at_others(const LockRequest& request, const json& own, const std::string& own_name,
                      const fs::path& just_written) {
  Others others;
  for (const Claim& claim : claims_in(request.output)) {
    if (claim.name == own_name) continue;
    const bool unfinished = claim.name.ends_with(kUnfinished);
    if (is_over(claim, own, just_written)) {
      remove_quietly(claim.file);
    } else if (!unfinished && may_run_together(claim.owner().shard, request.shard)) {
      continue;
    } else if (!unfinished && claim.holds()) {
      others.holder = claim.owner();
    } else if (!unfinished) {
      (claim.name < own_name ? others.one_before : others.one_after) = true;
    }
  }
  return others;
}

void pause(milliseconds shortest) {
  thread_local std::mt19937 random{std::random_device{}()};
  std::this_thread::sleep_for(shortest +
                              milliseconds(random() % static_cast<unsigned>(shortest.count())));
}

Error refusal(const LockRequest& request, const LockOwner& owner) {
  return {ErrorKind::output, "output: " + request.output.string() +
                                 ": expected no other active run, got one on " + describe(owner) +
                                 "; use --wait to wait for it"};
}

void stop_if_asked(const LockRequest& request) {
  if (!request.stop_requested()) return;
  throw Error(ErrorKind::interrupted,
              "output: " + request.output.string() + ": interrupted while waiting for another run");
}

}  // namespace

std::string describe(const LockOwner& owner) {
  return owner.host + ", process " + std::to_string(owner.pid) + ", since " + owner.since;
}

bool may_run_together(const Shard& a, const Shard& b) {
  return a.count == b.count && a.index != b.index;
}

/// The lock file of this run and the thread that touches it.
struct RunLock::Held {
  Held(const LockRequest& request, json identity)
      : output(request.output), content(std::move(identity)) {
    content["command"] = request.command;
    content["shard"] =
        std::to_string(request.shard.index) + "/" + std::to_string(request.shard.count);
    content["run"] = request.run;
    content["since"] = utc_now();
    content["state"] = kAsks;
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  Held(Held&&) = delete;
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (heart.joinable()) {
      {
        const std::lock_guard lock(mutex);
        ended = true;
      }
      wake.notify_all();
      heart.join();
    }
    withdraw();
  }

  void ask() {
    name = new_name(content);
    file = output / name;
    const fs::path unfinished = output / (name + std::string(kUnfinished));
    failpoint::pass("lock");
    write_claim(unfinished, content, O_CREAT | O_EXCL);
    move_file(unfinished, file);
    failpoint::pass("asked for lock");
  }
  void withdraw() {
    if (!file.empty()) remove_quietly(file);
    file.clear();
  }
  void hold() {
    content["state"] = kHolds;
    write_claim(file, content, 0);
    failpoint::pass("locked");
    heart = std::thread([this] { beat(); });
  }
  void touch() const { ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0); }
  void beat() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, kHeartbeat, [this] { return ended; })) touch();
  }

  fs::path output;
  json content;
  std::string name;
  fs::path file;
  std::mutex mutex;
  std::condition_variable wake;
  bool ended = false;
  std::thread heart;
};

RunLock::RunLock(std::unique_ptr<Held> held) : held_(std::move(held)) {}
RunLock::RunLock(RunLock&&) noexcept = default;
RunLock& RunLock::operator=(RunLock&&) noexcept = default;
RunLock::~RunLock() = default;

RunLock RunLock::acquire(const LockRequest& request) {
  const json own = own_identity();
  auto held = std::make_unique<Held>(request, own);
  std::set<std::string> told;
  milliseconds rest(10);  // between polls, increasing
  for (;;) {
    held->ask();
    for (;;) {
      const Others others = look_at_others(request, own, held->name, held->file);
      if (others.holder) {
        if (!request.wait) throw refusal(request, *others.holder);
        if (told.insert(describe(*others.holder)).second) request.on_wait(*others.holder);
      }
      if (others.holder || others.one_before) break;
      if (!others.one_after) {
        held->hold();
        return RunLock(std::move(held));
      }
      // Runs that made their request before this file existed may not know of it: they hold the
      // folder now, or will see it and withdraw, or have ended, which the age of their file
      // eventually shows.
      stop_if_asked(request);
      pause(milliseconds(5));
      held->touch();
    }
    held->withdraw();
    stop_if_asked(request);
    pause(rest);
    rest = std::min(rest * 3 / 2, milliseconds(1000));
  }
}

std::set<std::string> RunLock::active_runs() const {
  std::set<std::string> runs;
  for (const Claim& claim : claims_in(held_->output)) {
    if (!is_over(claim, held_->content, held_->file)) runs.insert(text_at(claim.content, "run"));
  }
  return runs;
}

void RunLock::require_held() const {
  std::error_code error;
  if (fs::exists(held_->file, error) || error) return;
  throw Error(ErrorKind::output,
              "output: " + held_->output.string() +
                  ": expected to hold this folder, got: another run took it over");
}

void wait_for_runs(const LockRequest& request) {
  std::error_code ignored;
  const auto any_active = [&] {
    for (const Claim& claim : claims_in(request.output)) {
      if (claim.holds() && !may_run_together(claim.owner().shard, request.shard)) return true;
    }
    return false;
  };
  if (!fs::is_directory(request.output, ignored) || !any_active()) return;
  (void)RunLock::acquire(request);
}

}  // namespace spine::batch
