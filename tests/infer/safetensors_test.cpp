#include "spine/infer/safetensors.h"

#include <cstdint>
#include <cstring>
#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"

using spine::test::TempDir;

namespace {

void write_raw(const std::filesystem::path& file, const std::string& header,
               const std::string& data, std::uint64_t length) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), 8);
  out << header << data;
}

/// The error of reading such a file; empty without any.
std::string header_error(const std::string& header, std::size_t data_bytes) {
  const TempDir folder;
  write_raw(folder / "x.safetensors", header, std::string(data_bytes, '\0'), header.size());
  try {
    spine::read_safetensors(folder / "x.safetensors");
  } catch (const spine::Error& error) {
    CHECK(error.kind() == spine::ErrorKind::weights);
    return error.what();
  }
  return "";
}

std::string tensor(const std::string& name, const std::string& type, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + offsets + "]}";
}

}  // namespace

TEST_CASE("Tensors and metadata survive a file") {
  const TempDir folder;
  torch::manual_seed(1);
  spine::TensorFile content;
  content.tensors["a.weight"] = torch::randn({3, 4, 2});
  content.tensors["b"] = torch::randn({5}).to(torch::kHalf);
  content.tensors["c"] = torch::randn({2, 2}).to(torch::kBFloat16);
  content.tensors["d"] = torch::tensor({std::int64_t{7}, std::int64_t{-9}});
  content.tensors["empty"] = torch::zeros({0, 3});
  content.tensors["scalar"] = torch::tensor(2.5);
  content.metadata = {{"format", "x"}, {"note", "\"quotes\" and \n lines"}};
  spine::write_safetensors(folder / "t.safetensors", content);
  const auto back = spine::read_safetensors(folder / "t.safetensors");
  CHECK(back.metadata == content.metadata);
  REQUIRE(back.tensors.size() == content.tensors.size());
  for (const auto& [name, expected] : content.tensors) {
    INFO(name);
    CHECK(back.tensors.at(name).scalar_type() == expected.scalar_type());
    CHECK(torch::equal(back.tensors.at(name), expected));
  }
}

TEST_CASE("A transposed or channels-last tensor is written by its values") {
  const TempDir folder;
  const auto values = torch::arange(24, torch::kFloat).reshape({1, 2, 3, 4});
  spine::write_safetensors(folder / "t.safetensors",
                           {{{"x", values.contiguous(at::MemoryFormat::ChannelsLast)}}, {}});
  CHECK(torch::equal(spine::read_safetensors(folder / "t.safetensors").tensors.at("x"), values));
}

TEST_CASE("A file of the reference layout is read") {
  const TempDir folder;
  const std::string header = std::string("{").append(tensor("x", "F32", "2", "0,8")) + "}   ";
  std::string data(8, '\0');
  const float values[2] = {1.5F, -2.0F};
  std::memcpy(data.data(), values, 8);
  write_raw(folder / "x.safetensors", header, data, header.size());
  const auto x = spine::read_safetensors(folder / "x.safetensors").tensors.at("x");
  CHECK(x[0].item<float>() == 1.5F);
  CHECK(x[1].item<float>() == -2.0F);
}

TEST_CASE("Malicious or broken headers are refused") {
  const std::string good = tensor("x", "F32", "2", "0,8");
  CHECK(header_error("{" + good + "}", 8).empty());

  CHECK(header_error("{" + good + "}", 7).find("truncated") != std::string::npos);
  CHECK(header_error("{" + good + "}", 9).find("belong to no tensor") != std::string::npos);
  CHECK(header_error("{" + good, 8).find("not JSON") != std::string::npos);
  CHECK(header_error("[1]", 8).find("not a JSON object") != std::string::npos);
  CHECK(header_error("{" + good + "," + good + "}", 8).find("duplicate name \"x\"") !=
        std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "3", "0,8") + "}", 8).find("expected 12 bytes") !=
        std::string::npos);
  CHECK(header_error("{" + tensor("x", "F8", "2", "0,8") + "}", 8).find("type F8") !=
        std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "-2", "0,8") + "}", 8).find("expected {dtype") !=
        std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "2", "8,0") + "}", 8).find("data up to") !=
        std::string::npos);
  // Products that wrap around 64 bits to the right number of bytes.
  CHECK(header_error("{" + tensor("x", "F32", "4611686018427387906,1", "0,8") + "}", 8)
            .find("impossible shape") != std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "9223372036854775808,2", "0,8") + "}", 8)
            .find("impossible shape") != std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "1,1,1,1,1,1,1,1,2", "0,8") + "}", 8)
            .find("too many dimensions") != std::string::npos);
  CHECK(header_error("{" + tensor("x", "F32", "2", "0,18446744073709551615") + "}", 8)
            .find("data up to") != std::string::npos);
  // Overlap and hole.
  CHECK(
      header_error("{" + good + "," + tensor("y", "F32", "2", "4,12") + "}", 12).find("overlaps") !=
      std::string::npos);
  CHECK(header_error("{" + good + "," + tensor("y", "F32", "1", "12,16") + "}", 16).find("hole") !=
        std::string::npos);
  CHECK(header_error(R"({"__metadata__":{"a":1},)" + good + "}", 8).find("is not text") !=
        std::string::npos);
  CHECK(header_error(std::string(100000, '['), 0).find("not JSON") != std::string::npos);
}

TEST_CASE("A header length beyond the file is refused before it is allocated") {
  const TempDir folder;
  for (const std::uint64_t length :
       {std::uint64_t{100}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    write_raw(folder / "x.safetensors", "{}", "", length);
    CHECK_THROWS_AS(spine::read_safetensors(folder / "x.safetensors"), spine::Error);
  }
  std::ofstream(folder / "short.safetensors") << "abc";
  CHECK_THROWS_AS(spine::read_safetensors(folder / "short.safetensors"), spine::Error);
  CHECK_THROWS_AS(spine::read_safetensors(folder / "missing.safetensors"), spine::Error);
}

TEST_CASE("A failed write leaves nothing behind") {
  const TempDir folder;
  CHECK_THROWS_AS(spine::write_safetensors(folder / "no" / "x.safetensors", {}), spine::Error);
  std::filesystem::create_directory(folder / "x.safetensors");
  CHECK_THROWS_AS(spine::write_safetensors(folder / "x.safetensors", {}), spine::Error);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}
