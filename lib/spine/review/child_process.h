#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace spine::review {

/// A program that is run in the background.
struct ChildCommand {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  /// The child's descriptor of a pipe, for arguments as "--log /dev/fd/3".
  static constexpr int kEvents = 3;
  int seconds_to_stop = 10;  ///< from SIGTERM to SIGKILL
};

/// How it ended.
struct ChildEnd {
  int code = 0;    ///< exit code
  int signal = 0;  ///< that ended it; 0: none
};

/// Receives a line without its end.
using OnLine = std::function<void(const std::string&)>;

/// Runs a program and waits for its end. Its stdin is empty, its stdout is dropped. It is a process
/// group of its own, so that Ctrl-C reaches it only through `stopped`: it then gets SIGTERM, and
/// SIGKILL if it goes on.
/// @param on_event    lines of the pipe kEvents
/// @param on_message  lines of stderr
/// @param stopped     asked ten times a second
/// @throws Error(not_found) if it cannot be started
ChildEnd run_child(const ChildCommand& command, const OnLine& on_event, const OnLine& on_message,
                   const std::function<bool()>& stopped);

/// Finds a program beside this one, else in $PATH.
/// @throws Error(not_found) naming it
std::filesystem::path find_program(const std::string& name);

}  // namespace spine::review
