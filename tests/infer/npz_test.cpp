#include "spine/infer/npz.h"

#include <string>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <zip.h>

#include "spine/core/error.h"

using namespace spine;
namespace fs = std::filesystem;

namespace {

// Made by checkpoints/make.py.
fs::path archive(const std::string& name) {
  return fs::path(SPINE_TEST_DATA) / "checkpoints" / name;
}

/// An array's bytes in NumPy's format, of float32.
std::string array_of(const std::string& shape, const std::string& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(118, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + values;
}

void write_npz(const fs::path& file, const std::string& member, const std::string& bytes) {
  fs::remove(file);
  int code = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE, &code);
  REQUIRE(archive != nullptr);
  zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  REQUIRE(zip_file_add(archive, member.c_str(), source, 0) == 0);
  REQUIRE(zip_close(archive) == 0);
}

std::string npz_error(const fs::path& file) {
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

TEST_CASE("Invalid shapes are refused, whatever their product") {
  const test::TempDir folder;
  for (const char* shape : {"0, 9223372036854775808", "0, 4611686018427387904, 4611686018427387904",
                            "1,1,1,1,1,1,1,1,1", "18446744073709551615"}) {
    write_npz(folder / "a.npz", "a.npy", array_of(shape, ""));
    CHECK(npz_error(folder / "a.npz").find("\"a\": impossible shape") != std::string::npos);
  }
  write_npz(folder / "a.npz", "a.npy", array_of("0, 5", ""));
  CHECK(read_npz(folder / "a.npz").at("a").sizes() == torch::IntArrayRef({0, 5}));
}

TEST_CASE("An archive that unpacks to many times its size is refused") {
  const test::TempDir folder;
  const std::size_t values = 18U << 20U;
  write_npz(folder / "a.npz", "a.npy",
            array_of(std::to_string(values), std::string(4 * values, '\0')));
  CHECK(npz_error(folder / "a.npz").find("expected at most") != std::string::npos);
}

TEST_CASE("Arrays of other kinds are refused by name") {
  CHECK(npz_error(archive("fortran.npz")).find("\"a\": Fortran") != std::string::npos);
  CHECK(npz_error(archive("long_header.npz")).find("header too long") != std::string::npos);
  CHECK(npz_error(archive("complex.npz")).find("<c8") != std::string::npos);
  CHECK(npz_error(archive("state.pth")).find("not a NumPy array") != std::string::npos);
  CHECK(npz_error(archive("absent.npz")).find("zip") != std::string::npos);
}
