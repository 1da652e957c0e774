#pragma once
#include <functional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "spine/cli/parsed_options.h"
#include "spine/core/error.h"

namespace spine::cli {

/// Exit codes of all commands. A command may return these or the result of `exit_code`.
inline constexpr int kExitDone = 0;           ///< completed
inline constexpr int kExitFailed = 1;         ///< the command as a whole failed
inline constexpr int kExitUsage = 2;          ///< unknown option, bad value, bad configuration key
inline constexpr int kExitNothingFound = 3;   ///< no input found
inline constexpr int kExitSomeFailed = 4;     ///< completed, but some studies failed
inline constexpr int kExitInterrupted = 130;  ///< stopped by SIGINT or SIGTERM; tables are complete

/// Exit code for an error of this kind.
int exit_code(ErrorKind kind);

/// Description of a command.
struct AppInfo {
  std::string name;                ///< "spine-seg"
  std::string summary;             ///< one sentence; first line of --help
  std::string details;             ///< last part of --help: files, examples, references
  bool keeps_freed_memory = true;  ///< heap.h; false for a server, which is idle most of the time
};

/// Main function of every command; the only place where errors become exit codes.
///
/// Declares --help, --version, --config FILE (TOML; an unknown key is an error) and, for the
/// command and its subcommands, --keep-identifiers; calls `declare` for the command's options,
/// parses, and calls `run`, which returns the exit code. Exceptions become one line on stderr,
/// "<name>: <message>", and an exit code. Unless identifiers are kept, that line contains no path
/// and no argument of the command line (parsed_options.h).
///
/// `--generate man|bash|zsh|fish`, as the only option, prints the command's manual page or
/// completions (manual.h).
///
/// SIGINT and SIGTERM set `interrupted()`; a second one ends the process immediately with 130.
/// SIGXFSZ and SIGPIPE are ignored, so that a write beyond a limit is an ordinary error.
int run_app(int argc, const char* const* argv, const AppInfo& info,
            const std::function<void(CLI::App&)>& declare,
            const std::function<int(const ParsedOptions&)>& run);

/// Re-executes the program with OMP_WAIT_POLICY=PASSIVE, unless that variable is already set:
/// OpenMP reads it only at program start, and threads that spin while waiting slow down a shared
/// machine several times. To be called first in commands whose network uses several threads. No
/// effect if the program cannot be re-executed.
void wait_without_spinning(char** argv);

/// Exits immediately after flushing all output: destructors in the libraries of LibTorch and OpenCV
/// would take 60 ms. Sanitizer builds exit normally, for leak detection.
[[noreturn]] void leave(int exit_code);

/// Whether the user requested a stop. Long loops check this between work items, finish cleanly and
/// return kExitInterrupted.
bool interrupted() noexcept;

/// Version with the commit if known to the build, "0.1.0+abc1234", so that results of different
/// builds can be distinguished; "0.1.0+abc1234.dirty" if tracked files had uncommitted changes at
/// build time.
std::string_view version() noexcept;
/// Full hash of the built commit, or "unknown".
std::string_view commit() noexcept;
/// Whether tracked files had uncommitted changes at build time.
bool dirty() noexcept;

}  // namespace spine::cli
