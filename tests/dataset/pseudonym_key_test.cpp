#include "spine/dataset/pseudonym_key.h"

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/child.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"
#include "spine/util/failpoint.h"

using namespace spine;
using spine::test::message_of;

namespace {

DicomHeader film(const std::string& study, const std::string& instance) {
  DicomHeader header;
  header.study_uid = study;
  header.sop_uid = instance;
  return header;
}

}  // namespace

TEST_CASE("The same secret gives the same pseudonyms, another secret different ones") {
  const PseudonymKey key("a secret of some length"), same("a secret of some length"),
      other("another secret of length");
  const std::string name = key.of_film(film("1.2", "1.2.3"), "a");
  CHECK(name.size() == 12 + 1 + 8);
  CHECK(name == same.of_film(film("1.2", "1.2.3"), "elsewhere"));
  CHECK(name != other.of_film(film("1.2", "1.2.3"), "a"));
  CHECK(key.uid("1.2") != other.uid("1.2"));
  CHECK(key.fingerprint() == same.fingerprint());
  CHECK(key.fingerprint() != other.fingerprint());
}

TEST_CASE("Films of one examination share a prefix, files without UIDs have separate pseudonyms") {
  const PseudonymKey key("a secret of some length");
  const std::string a = key.of_film(film("1.2", "1.2.3"), ""),
                    b = key.of_film(film("1.2", "1.2.4"), "");
  CHECK(a != b);
  CHECK(a.substr(0, 12) == b.substr(0, 12));
  CHECK(key.of_film(film("1.2", ""), "x/1") == key.of_place("x/1"));
  CHECK(key.of_place("x/1") != key.of_place("x/2"));
}

TEST_CASE("Pseudonyms and UIDs are well-formed") {
  const PseudonymKey key("a secret of some length");
  for (int i = 0; i < 200; ++i) {
    const std::string uid = key.uid(std::to_string(i));
    CHECK(uid.size() <= 5 + 39);
    CHECK(uid.substr(0, 6) == "2.25.1");
    CHECK(uid.find_first_not_of("0123456789.") == std::string::npos);
  }
}

TEST_CASE("A missing secret is created once for concurrent callers") {
  const test::TempDir dir;
  const auto file = dir / "deep" / "study.key";
  std::vector<std::string> prints(8);
  std::vector<std::thread> threads;
  for (auto& print : prints) {
    threads.emplace_back([&print, &file] { print = PseudonymKey::load(file).fingerprint(); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& print : prints) CHECK(print == prints[0]);
  CHECK(PseudonymKey::load(file).fingerprint() == prints[0]);
  const auto rights = std::filesystem::status(file).permissions();
  CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}

TEST_CASE("Concurrent processes get the same secret, also if the file was truncated") {
  const test::TempDir dir;
  const auto file = dir / "study.key";
  const std::string left = GENERATE(as<std::string>{}, "-", "", std::string(65, '\0'),
                                    "0123456789" + std::string(55, '\0'));
  if (left != "-") write_file_atomically(file, std::string_view(left));
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        const std::string print = PseudonymKey::load(file).fingerprint();
        write_file_atomically(dir / ("print-" + std::to_string(i)), std::string_view(print));
        ::_exit(0);
      } catch (const std::exception&) {
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  const std::string print = PseudonymKey::load(file).fingerprint();
  for (int i = 0; i < 8; ++i) CHECK(read_file(dir / ("print-" + std::to_string(i))) == print);
  CHECK(read_file(file).size() == 65);
}

TEST_CASE("A secret is stored durably before use, wherever power fails") {
  for (int place = 1, code = 137; code == 137; ++place) {
    const test::TempDir dir, kept, told;
    const auto file = dir / "deep" / "study.key";
    code = test::exit_code_of_child([&] {
      failpoint::arm("power:" + std::to_string(place), kept.path());
      const std::string print = PseudonymKey::load(file).fingerprint();
      std::ofstream(told / "print") << print;
      failpoint::pass("used");
      return 0;
    });
    INFO("place " << place);
    const std::string print = PseudonymKey::load(file).fingerprint();
    if (std::filesystem::exists(told / "print")) CHECK(read_file(told / "print") == print);
    REQUIRE(place < 100);
  }
}

TEST_CASE("A new secret is not stored until keep()") {
  const test::TempDir dir;
  const auto file = dir / "deep" / "study.key";
  const PseudonymKey key = PseudonymKey::existing_or_new(file),
                     other = PseudonymKey::existing_or_new(file);
  CHECK(key.is_new());
  CHECK(std::filesystem::is_empty(dir.path()));
  key.keep();
  key.keep();
  CHECK(PseudonymKey::load(file).fingerprint() == key.fingerprint());
  CHECK_THROWS_AS(other.keep(), PseudonymKeyTaken);
  const PseudonymKey known = PseudonymKey::existing_or_new(file);
  CHECK_FALSE(known.is_new());
  CHECK(known.fingerprint() == key.fingerprint());
  known.keep();
  message_of(ErrorKind::usage, [&] { PseudonymKey::existing_or_new(file / "below"); });
}

TEST_CASE("Reading an existing secret creates none") {
  const test::TempDir dir;
  const auto file = dir / "deep" / "study.key";
  CHECK_FALSE(PseudonymKey::existing(file).has_value());
  CHECK(std::filesystem::is_empty(dir.path()));
  CHECK(PseudonymKey::existing_or_new(file).fingerprint() !=
        PseudonymKey::existing_or_new(file).fingerprint());
  CHECK(std::filesystem::is_empty(dir.path()));
  const std::string print = PseudonymKey::load(file).fingerprint();
  CHECK(PseudonymKey::existing(file)->fingerprint() == print);
}

TEST_CASE("Without a default location the message names the options") {
  const test::TempDir dir;
  const int code = test::exit_code_of_child([&] {
    ::unsetenv("HOME");
    ::unsetenv("XDG_CONFIG_HOME");
    try {
      PseudonymKey::load({});
    } catch (const Error& error) {
      const std::string line = error.what();
      const bool told = line.find("--pseudonym-key FILE") != std::string::npos &&
                        line.find("HOME") != std::string::npos;
      return error.kind() == ErrorKind::usage && told ? 7 : 8;
    }
    return 9;
  });
  CHECK(code == 7);
  std::ofstream(dir / "file") << "";
  const auto line =
      message_of(ErrorKind::usage, [&] { PseudonymKey::load(dir / "file" / "study.key"); });
  CHECK(line.find("--pseudonym-key") != std::string::npos);
}

TEST_CASE("A user's own secret is used unchanged and never overwritten") {
  const test::TempDir dir;
  const std::string text = GENERATE(as<std::string>{}, "a secret of some length",
                                    "  a secret of some length \r\n", "0123456789abcdef");
  write_file_atomically(dir / "own", std::string_view(text));
  PseudonymKey::load(dir / "own");
  CHECK(read_file(dir / "own") == text);
  for (const char* wrong : {"abc", "abc\n", "\n", " "}) {
    write_file_atomically(dir / "own", std::string_view(wrong));
    message_of(ErrorKind::usage, [&] { PseudonymKey::load(dir / "own"); });
    CHECK(read_file(dir / "own") == wrong);
  }
  const std::string damaged = "0123456789abcdef0123" + std::string(12, '\0');
  write_file_atomically(dir / "own", std::string_view(damaged));
  message_of(ErrorKind::usage, [&] { PseudonymKey::load(dir / "own"); });
}

TEST_CASE("An invalid secret is rejected") {
  const test::TempDir dir;
  write_file_atomically(dir / "short", std::string_view("abc\n"));
  message_of(ErrorKind::usage, [&] { PseudonymKey::load(dir / "short"); });
  message_of(ErrorKind::usage, [&] { PseudonymKey::load(dir / "short" / "below"); });
}
