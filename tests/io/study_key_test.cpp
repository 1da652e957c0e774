#include "spine/io/study_key.h"

#include <thread>
#include <vector>

#include "io/throws.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/io/atomic_file.h"

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

TEST_CASE("The same secret gives the same names, another one others") {
  const StudyKey key("a secret of some length"), same("a secret of some length"),
      other("another secret of length");
  const std::string name = key.of_film(film("1.2", "1.2.3"), "a");
  CHECK(name.size() == 12 + 1 + 8);
  CHECK(name == same.of_film(film("1.2", "1.2.3"), "elsewhere"));
  CHECK(name != other.of_film(film("1.2", "1.2.3"), "a"));
  CHECK(key.uid("1.2") != other.uid("1.2"));
  CHECK(key.fingerprint() == same.fingerprint());
  CHECK(key.fingerprint() != other.fingerprint());
}

TEST_CASE("Films of one examination stand together, files without UIDs have names of their own") {
  const StudyKey key("a secret of some length");
  const std::string a = key.of_film(film("1.2", "1.2.3"), ""),
                    b = key.of_film(film("1.2", "1.2.4"), "");
  CHECK(a != b);
  CHECK(a.substr(0, 12) == b.substr(0, 12));
  CHECK(key.of_film(film("1.2", ""), "x/1") == key.of_place("x/1"));
  CHECK(key.of_place("x/1") != key.of_place("x/2"));
}

TEST_CASE("Names and UIDs are fit for what they name") {
  const StudyKey key("a secret of some length");
  for (int i = 0; i < 200; ++i) {
    const std::string uid = key.uid(std::to_string(i));
    CHECK(uid.size() <= 5 + 39);
    CHECK(uid.substr(0, 6) == "2.25.1");
    CHECK(uid.find_first_not_of("0123456789.") == std::string::npos);
  }
}

TEST_CASE("A secret that is missing is made once, for all who ask at the same time") {
  const test::TempDir dir;
  const auto file = dir / "deep" / "study.key";
  std::vector<std::string> prints(8);
  std::vector<std::thread> threads;
  for (auto& print : prints) {
    threads.emplace_back([&print, &file] { print = StudyKey::load(file).fingerprint(); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& print : prints) CHECK(print == prints[0]);
  CHECK(StudyKey::load(file).fingerprint() == prints[0]);
  const auto rights = std::filesystem::status(file).permissions();
  CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}

TEST_CASE("A secret that is no secret is refused") {
  const test::TempDir dir;
  write_file_atomically(dir / "short", std::string_view("abc\n"));
  message_of(ErrorKind::usage, [&] { StudyKey::load(dir / "short"); });
  message_of(ErrorKind::usage, [&] { StudyKey::load(dir / "short" / "below"); });
}
