#include "spine/sim/mesh_io.h"

#include "mesh_fixtures.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::sim;

namespace {

/// The error of reading `file`, whose message must name it.
template <typename Read>
ErrorKind kind_of_failure(const std::filesystem::path& file, Read read) {
  try {
    read(file);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(file.string()) != std::string::npos);
    return error.kind();
  }
  FAIL("expected an error for " + file.string());
  return ErrorKind::internal;
}

Mesh tetrahedron() {
  return {{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
          {{0, 2, 1}, {0, 1, 3}, {1, 2, 3}, {0, 3, 2}}};
}

}  // namespace

TEST_CASE("a binary PLY is read back") {
  const test::TempDir folder;
  const Mesh mesh = tetrahedron();
  test::write_bytes(folder / "a.ply", test::ply_bytes(mesh));
  const Mesh back = read_ply(folder / "a.ply");
  CHECK(back.vertices == mesh.vertices);
  CHECK(back.faces == mesh.faces);
}

TEST_CASE("an ASCII PLY with doubles, colours and Windows line ends is read") {
  const test::TempDir folder;
  test::write_bytes(
      folder / "a.ply",
      "ply\r\nformat ascii 1.0\r\nelement vertex 4\r\nproperty double x\r\nproperty double "
      "y\r\nproperty double z\r\nproperty uchar red\r\nelement face 4\r\nproperty list "
      "uchar uint vertex_index\r\nend_header\r\n0 0 0 9\r\n1 0 0 9\r\n0 1 0 9\r\n0 0 1 "
      "9\r\n3 0 2 1\r\n3 0 1 3\r\n3 1 2 3\r\n3 0 3 2\r\n");
  const Mesh mesh = read_ply(folder / "a.ply");
  CHECK(mesh.vertices == tetrahedron().vertices);
  CHECK(mesh.faces == tetrahedron().faces);
}

TEST_CASE("an STL is merged into a closed mesh") {
  const test::TempDir folder;
  const Mesh mesh = test::blocky_vertebra();
  write_stl(folder / "a.stl", mesh);
  const Mesh back = read_stl(folder / "a.stl");
  CHECK(back.vertices.size() == mesh.vertices.size());
  CHECK(back.faces.size() == mesh.faces.size());
  CHECK(is_closed(back));
  CHECK(signed_volume(back) == Approx(signed_volume(mesh)));
}

TEST_CASE("degenerate faces of a merged STL are dropped") {
  const test::TempDir folder;
  Mesh mesh = tetrahedron();
  mesh.faces.push_back({1, 1, 2});
  write_stl(folder / "a.stl", mesh);
  CHECK(read_stl(folder / "a.stl").faces.size() == 4);
}

TEST_CASE("the error for a missing mesh names it") {
  const test::TempDir folder;
  CHECK(kind_of_failure(folder / "none.ply", read_ply) == ErrorKind::not_found);
  CHECK(kind_of_failure(folder / "none.stl", read_stl) == ErrorKind::not_found);
}

TEST_CASE("the error for a truncated mesh names it") {
  const test::TempDir folder;
  const std::string ply = test::ply_bytes(tetrahedron());
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{3}, std::size_t{60}, ply.size() - 60, ply.size() - 1}) {
    test::write_bytes(folder / "a.ply", ply.substr(0, length));
    CAPTURE(length);
    CHECK(kind_of_failure(folder / "a.ply", read_ply) == ErrorKind::unreadable);
  }
  write_stl(folder / "whole.stl", tetrahedron());
  for (const std::uintmax_t length : {0, 50, 83, 84, 200, 283}) {
    std::filesystem::copy_file(folder / "whole.stl", folder / "a.stl",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(folder / "a.stl", length);
    CAPTURE(length);
    CHECK(kind_of_failure(folder / "a.stl", read_stl) == ErrorKind::unreadable);
  }
}

TEST_CASE("a PLY with bad content is unreadable") {
  const test::TempDir folder;
  const auto kind = [&](const std::string& bytes) {
    test::write_bytes(folder / "a.ply", bytes);
    return kind_of_failure(folder / "a.ply", read_ply);
  };
  const std::string head =
      "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float "
      "z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n";
  CHECK(kind(head + "0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n") == ErrorKind::unreadable);  // index too large
  CHECK(kind(head + "0 0 0\n1 0 0\n0 1 0\n3 0 1 -1\n") == ErrorKind::unreadable);   // negative
  CHECK(kind(head + "0 0 0\n1 0 0\n0 1 0\n4 0 1 2 0\n") == ErrorKind::unreadable);  // a quadrangle
  CHECK(kind("solid cube\nfacet normal 0 0 0\n") == ErrorKind::unreadable);
  Mesh endless = tetrahedron();
  endless.vertices[0][1] = std::nanf("");
  CHECK(kind(test::ply_bytes(endless)) == ErrorKind::unreadable);
  Mesh bare = tetrahedron();
  bare.faces.clear();
  CHECK(kind(test::ply_bytes(bare)) == ErrorKind::unreadable);
}

TEST_CASE("failing to write an STL is an output error") {
  const test::TempDir folder;
  CHECK(kind_of_failure(folder / "no", [](const std::filesystem::path& file) {
          write_stl(file / "a.stl", tetrahedron());
        }) == ErrorKind::output);
}
