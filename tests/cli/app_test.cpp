#include "spine/cli/app.h"

#include <csignal>
#include <fstream>
#include <iostream>
#include <new>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "support/catch.h"
#include "support/temp_dir.h"

using namespace spine;
using namespace spine::cli;

namespace {

const AppInfo kInfo{"spine-test", "Tests the wrapper.", "Example: spine-test --number 3"};

struct Outcome {
  int code = 0;
  std::string out, err;
  int number = 0;
};

/// Runs an application with one option, --number, and captures its output.
Outcome run_with(
    std::vector<const char*> arguments,
    const std::function<int()>& run = [] { return kExitDone; }) {
  arguments.insert(arguments.begin(), "spine-test");
  Outcome outcome;
  std::ostringstream out, err;
  std::streambuf* const out_before = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const err_before = std::cerr.rdbuf(err.rdbuf());
  outcome.code = run_app(
      static_cast<int>(arguments.size()), arguments.data(), kInfo,
      [&outcome](CLI::App& app) { app.add_option("--number", outcome.number, "A number"); },
      [&run](const ParsedOptions&) { return run(); });
  std::cout.rdbuf(out_before);
  std::cerr.rdbuf(err_before);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

template <class Thrown>
Outcome run_throwing(const Thrown& thrown) {
  return run_with({}, [&thrown]() -> int { throw thrown; });
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == text.size() - 1;
}

}  // namespace

TEST_CASE("The command's value is the exit code") {
  const Outcome outcome = run_with({"--number", "3"}, [] { return kExitSomeFailed; });
  CHECK(outcome.code == 4);
  CHECK(outcome.number == 3);
  CHECK(outcome.err.empty());
}

TEST_CASE("Help and version go to stdout and succeed") {
  const Outcome help = run_with({"--help"});
  CHECK(help.code == 0);
  CHECK(help.out.find("Tests the wrapper.") != std::string::npos);
  CHECK(help.out.find("Example: spine-test") != std::string::npos);
  const Outcome version_text = run_with({"--version"});
  CHECK(version_text.code == 0);
  CHECK(version_text.out == "spine-test " + std::string(version()) + "\n");
  CHECK(std::regex_match(std::string(version()),
                         std::regex(R"(\d+\.\d+\.\d+(\+[0-9a-f]{7,}(\.dirty)?)?)")));
}

TEST_CASE("Bad usage is one line on stderr and exit code 2") {
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {"--unknown"}, {"--number", "many"}, {"--number"}, {"stray"}}) {
    const Outcome outcome = run_with(arguments);
    INFO(outcome.err);
    CHECK(outcome.code == kExitUsage);
    CHECK(is_one_line(outcome.err));
    CHECK(outcome.err.rfind("spine-test: usage: ", 0) == 0);
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("A configuration file sets options; an unknown key is bad usage") {
  const test::TempDir temp;
  const std::string file = (temp / "c.toml").string();
  std::ofstream(file) << "number = 7\n";
  const Outcome good = run_with({"--config", file.c_str()});
  CHECK(good.code == kExitDone);
  CHECK(good.number == 7);

  std::ofstream(file) << "numbr = 7\n";
  const Outcome bad = run_with({"--config", file.c_str()});
  CHECK(bad.code == kExitUsage);
  CHECK(is_one_line(bad.err));
  CHECK(bad.err.find("numbr") != std::string::npos);

  const Outcome missing = run_with({"--config", (temp / "none.toml").c_str()});
  CHECK(missing.code == kExitUsage);
  CHECK(is_one_line(missing.err));
}

TEST_CASE("Every kind of error has its exit code") {
  CHECK(exit_code(ErrorKind::usage) == kExitUsage);
  CHECK(exit_code(ErrorKind::not_found) == kExitNothingFound);
  CHECK(exit_code(ErrorKind::interrupted) == kExitInterrupted);
  for (const auto kind : {ErrorKind::unreadable, ErrorKind::unsupported, ErrorKind::weights,
                          ErrorKind::no_spine, ErrorKind::output, ErrorKind::internal}) {
    CHECK(exit_code(kind) == kExitFailed);
  }
}

TEST_CASE("Every exception becomes one line and an exit code") {
  const Outcome ours =
      run_throwing(Error(ErrorKind::weights, "load weights: w: expected a, got b"));
  CHECK(ours.code == kExitFailed);
  CHECK(ours.err == "spine-test: load weights: w: expected a, got b\n");
  CHECK(run_throwing(Error(ErrorKind::not_found, "x")).code == kExitNothingFound);
  CHECK(run_throwing(std::bad_alloc()).err == "spine-test: out of memory\n");
  const Outcome traced = run_throwing(std::runtime_error("boom\nframe #1\nframe #2"));
  CHECK(traced.code == kExitFailed);
  CHECK(traced.err == "spine-test: boom\n");
  CHECK(run_throwing(7).code == kExitFailed);
}

TEST_CASE("A command is not named twice in a message") {
  CHECK(run_throwing(Error(ErrorKind::usage, "test: a: expected b")).err ==
        "spine-test: a: expected b\n");
  CHECK(run_throwing(Error(ErrorKind::usage, "tests: a: expected b")).err ==
        "spine-test: tests: a: expected b\n");
  CHECK(run_throwing(Error(ErrorKind::usage, "read a: test: b")).err ==
        "spine-test: read a: test: b\n");
}

TEST_CASE("A signal sets the interrupted flag and the application continues") {
  const Outcome outcome = run_with({}, [] {
    if (interrupted()) return kExitFailed;
    std::raise(SIGTERM);
    return interrupted() ? kExitInterrupted : kExitDone;
  });
  CHECK(outcome.code == kExitInterrupted);
}
