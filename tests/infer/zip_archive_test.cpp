#include "spine/infer/zip_archive.h"

#include <tuple>

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;

namespace {

std::string read_error(const ZipArchive& archive, const std::string& name, std::uint64_t limit) {
  try {
    std::ignore = archive.read(name, limit);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A zip archive lists and reads its members") {
  const ZipArchive archive(std::filesystem::path(SPINE_TEST_DATA) / "checkpoints" / "arrays.npz");
  CHECK(archive.names().size() == 4);
  CHECK(archive.contains("half.npy"));
  CHECK(!archive.contains("half"));
  CHECK(archive.read("half.npy").size() == 128 + 4);
  CHECK(read_error(archive, "other", 100).find("no member \"other\"") != std::string::npos);
  CHECK(read_error(archive, "half.npy", 100).find("at most 100 bytes") != std::string::npos);
}
