#pragma once
#include <functional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "spine/cli/parsed_options.h"
#include "spine/core/error.h"

namespace spine::cli {

/// Exit codes shared by all commands. The only other value a command may return is one that
/// `exit_code` gives.
inline constexpr int kExitDone = 0;           ///< everything asked for was done
inline constexpr int kExitFailed = 1;         ///< the command as a whole failed
inline constexpr int kExitUsage = 2;          ///< unknown option, bad value, bad configuration key
inline constexpr int kExitNothingFound = 3;   ///< there was nothing to work on
inline constexpr int kExitSomeFailed = 4;     ///< ran to its end, but some studies failed
inline constexpr int kExitInterrupted = 130;  ///< stopped by SIGINT or SIGTERM; tables are written

/// The exit code of a command that ended with an error of this kind.
int exit_code(ErrorKind kind);

/// What a command says of itself.
struct AppInfo {
  std::string name;     ///< "spine-seg"
  std::string summary;  ///< one sentence; the first line of --help
  std::string details;  ///< the last part of --help: files, examples, references
};

/// The one `main` of every command, and the one place where errors become exit codes.
///
/// Declares --help, --version, --config FILE (TOML; an unknown key is an error) and, for the
/// command and all its subcommands, --keep-identifiers; calls `declare` for the command's own
/// options, parses, and calls `run`, whose value is the exit code. Whatever is thrown becomes one
/// line on stderr, "<name>: <message>", and an exit code. Unless identifiers are kept, no path and
/// no word of the command line stands in that line (parsed_options.h).
///
/// `--generate man|bash|zsh|fish`, as the only option, prints the command's manual page or its
/// completions (manual.h).
///
/// SIGINT and SIGTERM set `interrupted()`; a second one ends the process at once with 130.
/// SIGXFSZ and SIGPIPE are ignored so that a write beyond a limit is an ordinary error.
int run_app(int argc, const char* const* argv, const AppInfo& info,
            const std::function<void(CLI::App&)>& declare,
            const std::function<int(const ParsedOptions&)>& run);

/// Starts the program anew with OMP_WAIT_POLICY=PASSIVE, unless the environment has that variable
/// already: OpenMP reads it only when a program starts, and threads that spin while they wait make
/// a machine that others use too several times slower. For commands whose network runs on several
/// threads, before anything else. Does nothing where the program cannot be started again.
void wait_without_spinning(char** argv);

/// Ends the program at once, all output flushed: the libraries under LibTorch and OpenCV would take
/// 60 ms to tidy up. A sanitizer's build ends in order, as leaks are looked for then.
[[noreturn]] void leave(int exit_code);

/// Whether the user asked to stop. Long loops ask this between two pieces of work, finish cleanly
/// and return kExitInterrupted.
bool interrupted() noexcept;

/// "0.1.0+abc1234": the project's version and, where the build knows it, the commit, so that
/// results of two builds can be told apart; "0.1.0+abc1234.dirty" where tracked files had changes
/// at build time that were not committed.
std::string_view version() noexcept;
/// The whole name of the commit that was built, or "unknown".
std::string_view commit() noexcept;
/// Whether tracked files had changes at build time that were not committed.
bool dirty() noexcept;

}  // namespace spine::cli
