#include "spine/review/child_process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>

#include "review/script.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::review;
using namespace spine::test;
using Clock = std::chrono::steady_clock;

namespace {

using Lines = std::vector<std::string>;

/// What came of a script.
struct Ran {
  ChildEnd end;
  Lines events, messages;
};

/// @param stop_at  the event upon which it is told to stop; empty: never
Ran run(const std::string& script, std::vector<std::string> arguments = {},
        const std::string& stop_at = "") {
  const TempDir dir;
  ChildCommand command{write_script(dir / "program", script), std::move(arguments)};
  command.seconds_to_stop = 1;
  Ran ran;
  ran.end = run_child(
      command, [&](const std::string& line) { ran.events.push_back(line); },
      [&](const std::string& line) { ran.messages.push_back(line); },
      [&] { return !ran.events.empty() && ran.events.back() == stop_at; });
  return ran;
}

}  // namespace

TEST_CASE("a child's events and messages arrive as lines, and its exit code is told") {
  const auto ran =
      run("echo unseen; echo \"$1|$2\" >&3; echo one >&2; printf 'two\\nthree' >&2; echo last "
          ">/dev/fd/3;"
          "cat; exit 7",
          {"a b", "$c;"});
  CHECK(ran.end.code == 7);
  CHECK(ran.end.signal == 0);
  CHECK(ran.events == Lines{"a b|$c;", "last"});
  CHECK(ran.messages == Lines{"one", "two", "three"});
}

TEST_CASE("a child that writes much is read to its end") {
  const auto ran = run("i=0; while [ $i -lt 20000 ]; do echo line $i >&3; i=$((i+1)); done");
  CHECK(ran.events.size() == 20000);
  CHECK(ran.events.back() == "line 19999");
}

TEST_CASE("a child is asked to stop, and ended where it does not") {
  const auto start = Clock::now();
  // A shell says "Terminated" of a program that it waits for, so it runs none.
  const auto asked =
      run("trap 'echo stopping >&2; exit 5' TERM; echo go >&3; while :; do :; done", {}, "go");
  CHECK(asked.end.code == 5);
  CHECK(asked.messages == Lines{"stopping"});
  const auto ended = run("trap '' TERM; echo go >&3; while :; do :; done", {}, "go");
  CHECK(ended.end.signal == SIGKILL);
  CHECK(Clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("Ctrl-C of the terminal does not reach a child") {
  // It is the leader of a process group of its own.
  const auto ran = run("ps -o pgid= -p $$ >&3 || echo $$ >&3; echo $$ >&3");
  REQUIRE(ran.events.size() == 2);
  CHECK(std::atoi(ran.events[0].c_str()) == std::atoi(ran.events[1].c_str()));
}

TEST_CASE("a program that is not there is named") {
  ChildCommand command{"/nowhere/spine-pipeline", {}};
  const auto start = [&] {
    run_child(
        command, [](const auto&) {}, [](const auto&) {}, [] { return false; });
  };
  CHECK(contains(message_of(ErrorKind::not_found, start), "spine-pipeline: expected a program"));
  CHECK(contains(message_of(ErrorKind::not_found, [] { find_program("no-such-program"); }),
                 "no-such-program: expected it beside this program or in $PATH"));
  CHECK(find_program("sh").filename() == "sh");
}
