#include "spine/review/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spine/core/error.h"
#include "spine/util/folder.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestLine = 1U << 16U;  // the rest of a longer one is dropped

/// A pipe from the child, read line by line.
class LinePipe {
 public:
  LinePipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Error(ErrorKind::internal, std::string("review: pipe: ") + std::strerror(errno));
    }
    // Above the child's own descriptors, so that none is overwritten before it is taken.
    read_ = fcntl(ends[0], F_DUPFD_CLOEXEC, kAbove);
    write_ = fcntl(ends[1], F_DUPFD_CLOEXEC, kAbove);
    close(ends[0]);
    close(ends[1]);
    fcntl(read_, F_SETFL, O_NONBLOCK);
  }
  LinePipe(const LinePipe&) = delete;
  LinePipe& operator=(const LinePipe&) = delete;
  LinePipe(LinePipe&&) = delete;
  LinePipe& operator=(LinePipe&&) = delete;
  ~LinePipe() {
    close_write();
    close(read_);
  }

  [[nodiscard]] int read_end() const { return read_; }
  [[nodiscard]] int write_end() const { return write_; }
  [[nodiscard]] bool ended() const { return ended_; }
  void close_write() {
    if (write_ >= 0) close(write_);
    write_ = -1;
  }

  /// Reads what is there.
  void read_lines(const OnLine& on_line) {
    std::array<char, 4096> bytes{};
    while (!ended_) {
      const auto count = read(read_, bytes.data(), bytes.size());
      if (count < 0) return;  // nothing for now
      ended_ = count == 0;
      for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(count))) {
        if (c != '\n') {
          if (line_.size() < kLongestLine) line_ += c;
          continue;
        }
        on_line(line_);
        line_.clear();
      }
    }
    if (!line_.empty()) on_line(line_);
    line_.clear();
  }

 private:
  static constexpr int kAbove = 10;
  int read_ = -1, write_ = -1;
  bool ended_ = false;
  std::string line_;
};

pid_t spawn(const ChildCommand& command, const LinePipe& events, const LinePipe& messages) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, messages.write_end(), STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&files, events.write_end(), ChildCommand::kEvents);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::string program = command.program.string();
  std::vector<std::string> words = command.arguments;
  std::vector<char*> arguments{program.data()};
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, program.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    throw Error(ErrorKind::not_found,
                command.program.filename().string() +
                    ": expected a program that can be run, got: " + std::strerror(error));
  }
  return child;
}

/// Asks a child to stop, and ends it where it does not.
class Stopper {
 public:
  Stopper(pid_t child, int seconds) : child_(child), grace_(seconds) {}
  void stop() {
    if (!asked_) kill(-child_, SIGTERM);
    if (!asked_) limit_ = Clock::now() + grace_;
    asked_ = true;
    if (Clock::now() > limit_) kill(-child_, SIGKILL);
  }

 private:
  pid_t child_;
  std::chrono::seconds grace_;
  bool asked_ = false;
  Clock::time_point limit_;
};

}  // namespace

ChildEnd run_child(const ChildCommand& command, const OnLine& on_event, const OnLine& on_message,
                   const std::function<bool()>& stopped) {
  LinePipe events, messages;
  const pid_t child = spawn(command, events, messages);
  events.close_write();
  messages.close_write();
  Stopper stopper(child, command.seconds_to_stop);
  int status = 0;
  for (bool ended = false; !ended;) {
    std::array<pollfd, 2> waiting{};
    nfds_t open = 0;
    for (const LinePipe* pipe : {&events, &messages}) {
      if (!pipe->ended()) waiting.at(open++) = {pipe->read_end(), POLLIN, 0};
    }
    poll(waiting.data(), open, 100);
    // What it wrote before it ended is read afterwards.
    ended = waitpid(child, &status, WNOHANG) == child;
    events.read_lines(on_event);
    messages.read_lines(on_message);
    if (!ended && stopped()) stopper.stop();
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

fs::path find_program(const std::string& name) {
  std::error_code error;
  std::vector<fs::path> folders{fs::read_symlink("/proc/self/exe", error).parent_path()};
  const char* path = std::getenv("PATH");
  std::stringstream parts(path == nullptr ? "" : path);
  for (std::string folder; std::getline(parts, folder, ':');) folders.emplace_back(folder);
  for (const fs::path& folder : folders) {
    fs::path program = folder / name;
    if (!folder.empty() && is_file(program) && access(program.c_str(), X_OK) == 0) return program;
  }
  throw Error(ErrorKind::not_found,
              name + ": expected it beside this program or in $PATH, found none");
}

}  // namespace spine::review
