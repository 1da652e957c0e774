#include "spine/util/sha256.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;

// Test vectors of FIPS 180-4.
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST_CASE("SHA-256 of text and files equals the standard's vectors") {
  CHECK(sha256_of_text("") == kEmpty);
  CHECK(sha256_of_text("abc") == kAbc);
  const spine::test::TempDir folder;
  std::ofstream(folder / "abc") << "abc";
  CHECK(sha256_of_file(folder / "abc") == kAbc);
}

TEST_CASE("A file longer than the buffer is hashed completely") {
  const spine::test::TempDir folder;
  const std::string text(200'001, 'x');
  std::ofstream(folder / "long") << text;
  CHECK(sha256_of_file(folder / "long") == sha256_of_text(text));
}

TEST_CASE("The hash of several files depends on names, order and content") {
  const spine::test::TempDir folder;
  std::ofstream(folder / "a") << "abc";
  std::ofstream(folder / "b") << "";
  CHECK(sha256_of_files({folder / "a"}) == kAbc);
  const std::string both = sha256_of_files({folder / "a", folder / "b"});
  CHECK(both == sha256_of_text(std::string(kAbc) + "  a\n" + kEmpty + "  b\n"));
  CHECK(both != sha256_of_files({folder / "b", folder / "a"}));
}

TEST_CASE("A missing file and a folder are errors that name them") {
  const spine::test::TempDir folder;
  for (const auto& file : {folder / "missing", folder.path()}) {
    try {
      sha256_of_file(file);
      FAIL("no error for " << file);
    } catch (const spine::Error& error) {
      CHECK(std::string(error.what()).find(file.string()) != std::string::npos);
    }
  }
}

TEST_CASE("HMAC equals RFC 4231, test case 2") {
  CHECK(hmac_sha256("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("Hashes are joined in any order, and separated by joining again") {
  const std::string a = sha256_of_text("a"), b = sha256_of_text("b"), c = sha256_of_text("c");
  CHECK(joined_hashes(joined_hashes(a, b), c) == joined_hashes(c, joined_hashes(b, a)));
  CHECK(joined_hashes(joined_hashes(a, b), b) == a);
  CHECK(joined_hashes("", a) == a);
  CHECK(joined_hashes(a, b) != a);
}
