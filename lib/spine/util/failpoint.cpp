#include "spine/util/failpoint.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "spine/core/error.h"

namespace spine::failpoint {
namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 137;  ///< exit code that a shell reports for SIGKILL

/// A change of a folder's entries that a power failure may undo.
struct Change {
  enum class Kind { made, renamed, removed } kind;
  fs::path folder;  ///< the folder whose sync makes it durable
  fs::path entry, from;
  fs::path kept;  ///< copy of what it replaced or removed; empty: nothing, or a folder
  bool was_folder = false;
};

fs::path whole(const fs::path& path) {
  return fs::absolute(path.empty() ? fs::path(".") : path).lexically_normal();
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// File system changes that have not been synced.
class Unsynced {
 public:
  void keep_in(fs::path folder) { folder_ = std::move(folder); }

  void made(const fs::path& entry) {
    changes_.push_back({Change::Kind::made, entry.parent_path(), entry, {}, {}, false});
  }
  void wrote(const fs::path& file) { dirty_[file] = true; }
  void synced_file(const fs::path& file) { dirty_.erase(file); }
  void synced_folder(const fs::path& folder) {
    std::erase_if(changes_, [&](const Change& change) { return change.folder == folder; });
  }
  void renaming(const fs::path& from, const fs::path& to) {
    changes_.push_back({Change::Kind::renamed, to.parent_path(), to, from, keep(to), false});
    std::map<fs::path, bool> moved;
    for (const auto& [file, is_dirty] : dirty_) {
      if (file == to) continue;
      moved[is_below(file, from) && file != from ? to / file.lexically_relative(from)
            : file == from                       ? to
                                                 : file] = is_dirty;
    }
    dirty_ = std::move(moved);
  }
  void removing(const fs::path& entry) {
    std::error_code ignored;
    const bool folder = fs::is_directory(entry, ignored);
    changes_.push_back(
        {Change::Kind::removed, entry.parent_path(), entry, {}, keep(entry), folder});
    dirty_.erase(entry);
  }

  /// Simulates the loss of all unsynced changes.
  void lose(std::uint32_t seed) {
    std::mt19937 random(seed);
    for (const auto& [file, is_dirty] : dirty_) damage(file, random());
    std::size_t last = changes_.size();
    if (seed % 3 == 0) last = 0;
    if (seed % 3 == 2 && !changes_.empty()) last = random() % (changes_.size() + 1);
    for (std::size_t i = changes_.size(); i > last; --i) undo(changes_[i - 1]);
  }

 private:
  /// Creates a hard link, so that the content outlives the original name.
  fs::path keep(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) return {};
    fs::path kept =
        folder_ / ("kept-" + std::to_string(::getpid()) + "-" + std::to_string(++kept_));
    fs::create_hard_link(file, kept, error);
    return error ? fs::path() : kept;
  }

  static void damage(const fs::path& file, std::uint32_t how) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return;
    fs::resize_file(file, how % 3 == 1 ? size / 2 : 0, error);
    if (how % 3 == 2) fs::resize_file(file, size, error);  // zeros
  }

  static void undo(const Change& change) {
    std::error_code error;
    switch (change.kind) {
      case Change::Kind::made:
        fs::remove_all(change.entry, error);
        break;
      case Change::Kind::renamed:
        fs::rename(change.entry, change.from, error);
        if (!change.kept.empty()) fs::create_hard_link(change.kept, change.entry, error);
        break;
      case Change::Kind::removed:
        if (change.was_folder) fs::create_directory(change.entry, error);
        if (!change.kept.empty()) fs::create_hard_link(change.kept, change.entry, error);
        break;
    }
  }

  fs::path folder_;
  int kept_ = 0;
  std::map<fs::path, bool> dirty_;
  std::vector<Change> changes_;
};

enum class Action { none, kill, power, fail };

struct State {
  std::mutex mutex;
  Action action = Action::none;
  std::string name;  ///< empty: any place
  std::uint32_t left = 0, count = 0;
  Unsynced unsynced;

  void arm(const std::string& spec, const fs::path& folder) {
    const auto first = spec.find(':'), last = spec.rfind(':');
    const std::string word = spec.substr(0, first);
    std::uint32_t n = 0;
    if (first != std::string::npos) {
      std::from_chars(spec.data() + last + 1, spec.data() + spec.size(), n);
    }
    const Action wanted = word == "kill"    ? Action::kill
                          : word == "power" ? Action::power
                          : word == "fail"  ? Action::fail
                                            : Action::none;
    if (wanted == Action::none || n == 0 || (wanted == Action::power && folder.empty())) {
      throw Error(
          ErrorKind::usage,
          "SPINE_FAILPOINT: expected kill, power or fail, :, [NAME:] and a number from 1 (for "
          "power also SPINE_FAILPOINT_FOLDER), got " +
              spec);
    }
    name = first == last ? "" : spec.substr(first + 1, last - first - 1);
    left = count = n;
    unsynced.keep_in(whole(folder));
    action = wanted;
  }
};

State& state() {
  static State* const only = [] {
    auto* made = new State;  // never destroyed: threads may pass failpoints until exit
    const char* spec = std::getenv("SPINE_FAILPOINT");
    const char* folder = std::getenv("SPINE_FAILPOINT_FOLDER");
    if (spec != nullptr && *spec != '\0') made->arm(spec, folder == nullptr ? "" : folder);
    return made;
  }();
  return *only;
}

template <typename Note>
void note(const Note& what) {
  State& own = state();
  if (own.action != Action::power) return;
  const std::lock_guard lock(own.mutex);
  what(own.unsynced);
}

}  // namespace

void arm(const std::string& spec, const fs::path& folder) { state().arm(spec, folder); }

void pass(std::string_view name) {
  State& own = state();
  if (own.action == Action::none) return;
  const std::lock_guard lock(own.mutex);
  if (own.left == 0 || (!own.name.empty() && own.name != name) || --own.left > 0) return;
  if (own.action == Action::fail) {
    throw Error(ErrorKind::output, "failpoint " + std::string(name) + ": simulated failure");
  }
  if (own.action == Action::power) own.unsynced.lose(own.count);
  ::_exit(kKilled);
}

void made(const fs::path& entry) {
  note([&](Unsynced& disk) { disk.made(whole(entry)); });
}
void wrote(const fs::path& file) {
  note([&](Unsynced& disk) { disk.wrote(whole(file)); });
}
void synced_file(const fs::path& file) {
  note([&](Unsynced& disk) { disk.synced_file(whole(file)); });
}
void synced_folder(const fs::path& folder) {
  note([&](Unsynced& disk) { disk.synced_folder(whole(folder)); });
}
void renaming(const fs::path& from, const fs::path& to) {
  note([&](Unsynced& disk) { disk.renaming(whole(from), whole(to)); });
}
void removing(const fs::path& entry) {
  note([&](Unsynced& disk) { disk.removing(whole(entry)); });
}

}  // namespace spine::failpoint
