#include "spine/infer/npz.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;
namespace fs = std::filesystem;

namespace {

// Made by checkpoints/make.py.
fs::path archive(const std::string& name) {
  return fs::path(SPINE_TEST_DATA) / "checkpoints" / name;
}

std::string complaint(const fs::path& file) {
  try {
    read_npz(file);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Arrays keep names, types, shapes and values") {
  const auto arrays = read_npz(archive("arrays.npz"));
  REQUIRE(arrays.size() == 4);
  CHECK(torch::equal(arrays.at("embedding/kernel"),
                     torch::arange(6, torch::kFloat).reshape({1, 2, 3})));
  CHECK(arrays.at("scalar").item<double>() == 2.5);
  CHECK(arrays.at("scalar").dim() == 0);
  CHECK(arrays.at("half").scalar_type() == torch::kHalf);
  CHECK(arrays.at("index").sizes() == torch::IntArrayRef({2, 1}));
}

TEST_CASE("Compressed archives are read as well") {
  CHECK(torch::equal(read_npz(archive("compressed.npz")).at("a"), torch::ones({40, 40})));
}

TEST_CASE("Arrays of other kinds are refused by name") {
  CHECK(complaint(archive("fortran.npz")).find("\"a\": Fortran") != std::string::npos);
  CHECK(complaint(archive("long_header.npz")).find("a header of") != std::string::npos);
  CHECK(complaint(archive("complex.npz")).find("<c8") != std::string::npos);
  CHECK(complaint(archive("state.pth")).find("not a NumPy array") != std::string::npos);
  CHECK(complaint(archive("absent.npz")).find("zip") != std::string::npos);
}
