#include "spine/cli/app.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <regex>
#include <string_view>

#include <opencv2/core/utils/logger.hpp>
#include <unistd.h>

#include "spine/batch/failure.h"
#include "spine/cli/manual.h"
#include "spine/cli/renamed_options.h"
#include "spine/dataset/pseudonym_key.h"
#include "spine/util/heap.h"
#include "spine/util/utf8.h"

namespace spine::cli {
namespace {

// Signal handlers can only access globals; lock-free, so that it may be written from one.
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_interrupt(int /*signal*/) {
  if (g_interrupted.exchange(true)) _exit(kExitInterrupted);
}

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

/// Removes the stage at the start of a message if it repeats the command's name: "merge" of
/// "spine-pipeline merge", "restore" of "spine-restore".
std::string_view without_own_stage(std::string_view message, std::string_view command) {
  const std::string stage = std::string(command.substr(command.find_last_of(" -") + 1)) + ": ";
  if (message.starts_with(stage)) message.remove_prefix(stage.size());
  return message;
}

void print_error(const AppInfo& info, const std::string& message) {
  std::cerr << info.name << ": " << to_printable(std::string(without_own_stage(message, info.name)))
            << std::endl;
}

/// Converts CLI11's message for a parse error to this project's form.
std::string describe_parse_error(const CLI::ParseError& error) {
  const std::string what = batch::one_line(error.what());
  // An unknown key is no type of its own among the ConfigErrors: only its message tells.
  static const std::string unknown_key = CLI::ConfigError::Extras("").what();
  if (dynamic_cast<const CLI::ConfigError*>(&error) != nullptr && what.starts_with(unknown_key)) {
    const std::string key = what.substr(unknown_key.size());
    static const std::regex like_an_option("[a-z][a-z-]{0,30}");
    return "config: expected the long name of an option as key, got " +
           (std::regex_match(key, like_an_option) ? key : std::string("another word"));
  }
  return "usage: " + what;
}

/// Declares the options shared by every command and its subcommands.
void declare_identifiers(CLI::App& app) {
  const auto subs = app.get_subcommands([](CLI::App*) { return true; });
  for (CLI::App* sub : subs) declare_identifiers(*sub);
  if (!subs.empty() || app.get_option_no_throw("--keep-identifiers") != nullptr) return;
  app.add_flag("--keep-identifiers")->description("Print and write paths and names as they are");
}

/// Runs a command, and repeats it if another process created the pseudonymisation key meanwhile.
int run_with_one_key(const ParsedOptions& parsed,
                     const std::function<int(const ParsedOptions&)>& run) {
  try {
    return run(parsed);
  } catch (const PseudonymKeyTaken&) {
    return run(parsed);
  }
}

}  // namespace

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return kExitUsage;
    case ErrorKind::not_found:
      return kExitNothingFound;
    case ErrorKind::interrupted:
      return kExitInterrupted;
    default:
      return kExitFailed;
  }
}

void wait_without_spinning(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  execv("/proc/self/exe", argv);
}

void leave(int exit_code) {
#ifdef SPINE_SANITIZED
  std::exit(exit_code);
#else
  std::cout.flush();
  std::fflush(nullptr);
  std::quick_exit(exit_code);
#endif
}

bool interrupted() noexcept { return g_interrupted.load(); }

int run_app(int argc, const char* const* argv, const AppInfo& info,
            const std::function<void(CLI::App&)>& declare,
            const std::function<int(const ParsedOptions&)>& run) {
  if (info.keeps_freed_memory) keep_freed_memory();
  ParsedOptions parsed;
  try {
    // OpenCV's log would add to the one-line error message.
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    install_signal_handlers();

    CLI::App app{info.summary, info.name};
    app.footer(info.details);
    app.set_version_flag("--version", info.name + " " + std::string(version()));
    app.set_config("--config", "", "Options from a TOML file; keys are the options' long names")
        ->type_name(kPath);
    CurrentNames current = with_current_names(info.name, {argv + 1, argv + argc});
    app.config_formatter(config_with_current_names(current.notices));
    app.allow_config_extras(CLI::config_extras_mode::error);
    declare(app);
    declare_identifiers(app);
    make_paths_absolute(app);
    if (argc == 3 &&
        std::string_view(argv[1]) == "--generate") {  // for packaging; not shown in --help
      std::cout << generated(argv[2], app, info) << std::flush;
      return kExitDone;
    }
    try {
      std::vector<std::string> reversed(current.arguments.rbegin(), current.arguments.rend());
      app.parse(std::move(reversed));  // CLI11 expects the arguments in reverse order
      for (const std::string& notice : current.notices) print_error(info, notice);
    } catch (const CLI::Success& help_or_version) {
      return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
      print_error(info, without_arguments(describe_parse_error(error), app, argc, argv) + " (see " +
                            info.name + " --help)");
      return kExitUsage;
    }
    parsed = parsed_options(app);
    return run_with_one_key(parsed, run);
  } catch (...) {
    const batch::Failure failure = batch::describe_failure(std::current_exception());
    print_error(info, parsed.names(failure.message));
    return exit_code(failure.kind);
  }
}

}  // namespace spine::cli
