#include "spine/infer/sha256.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

TEST_CASE("Hashes agree with FIPS 180-4's examples") {
  const spine::test::TempDir folder;
  std::ofstream(folder / "abc") << "abc";
  std::ofstream(folder / "empty");
  CHECK(spine::weights_sha256(folder / "abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(spine::weights_sha256(folder / "empty") ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK_THROWS_AS(spine::weights_sha256(folder / "missing"), spine::Error);
}
