#include "spine/batch/console.h"

#include <iostream>
#include <sstream>

#include "support/catch.h"

using namespace spine::batch;

namespace {

/// The output of a function on std::cerr.
template <class Code>
std::string stderr_of(const Code& code) {
  std::ostringstream captured;
  std::streambuf* const before = std::cerr.rdbuf(captured.rdbuf());
  code();
  std::cerr.rdbuf(before);
  return captured.str();
}

}  // namespace

TEST_CASE("The progress line shows counts, failures, rate and remaining time") {
  Counts counts;
  counts.studies = 100;
  CHECK(progress_text(counts, 0) == "0/100");
  counts.done = 8;
  counts.failed = 2;
  counts.skipped = 30;
  CHECK(progress_text(counts, 20) == "40/100, 2 failed, 30 skipped, 2.00 s a study, 2 min left");
}

TEST_CASE("Quiet mode prints errors only, verbose mode adds details") {
  const auto lines = [](bool quiet, int verbosity) {
    return stderr_of([&] {
      Console console({"spine-x", true, quiet, verbosity});
      console.error("e");
      console.info("i");
      console.detail("d");
    });
  };
  CHECK(lines(true, 0) == "spine-x: e\n");
  CHECK(lines(false, 0) == "spine-x: e\nspine-x: i\n");
  CHECK(lines(false, 1) == "spine-x: e\nspine-x: i\nspine-x: d\n");
}

TEST_CASE("No progress line is drawn if disabled") {
  const std::string text = stderr_of([] {
    Console console({"spine-x", false, false, 0});
    console.progress({});
    console.end_progress();
  });
  CHECK(text.empty());
}

TEST_CASE("Control characters in messages are not sent to the terminal") {
  Console console({"spine-x", false, false, 0});
  const std::string printed = stderr_of([&] {
    console.error(
        "read \x1B[2J"
        "M\xFCller\x9B\xE2\x80\xAE.png: bad");
  });
  CHECK(printed.find('\x1B') == std::string::npos);
  CHECK(printed.find("Müller") != std::string::npos);
  CHECK(printed.find("\xE2\x80\xAE") == std::string::npos);
}
