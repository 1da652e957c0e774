#include "spine/infer/npz.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <regex>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/infer/tensor_shape.h"
#include "spine/infer/zip_archive.h"

namespace spine {
namespace {

constexpr std::array<std::pair<std::string_view, torch::ScalarType>, 5> kTypes{{
    {"<f4", torch::kFloat},
    {"<f2", torch::kHalf},
    {"<f8", torch::kDouble},
    {"<i4", torch::kInt},
    {"<i8", torch::kLong},
}};

constexpr std::size_t kMaxHeaderBytes = 4096;  // NumPy writes 128
// Limit of the arrays' total size relative to the file: values of networks hardly compress, those
// of small archives may.
constexpr std::uint64_t kMaxGrowth = 16;
constexpr std::uint64_t kFreeBytes = std::uint64_t{64} << 20U;

/// Parses "2, 3, "; nullopt where a number exceeds 64 bits.
std::optional<std::vector<std::int64_t>> sizes_in(const std::string& text) {
  std::vector<std::int64_t> sizes;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    const auto [next, error] = std::from_chars(at, end, sizes.emplace_back());
    if (error != std::errc{}) return std::nullopt;
    at = next;
  }
  return sizes;
}

/// Reads one member: magic number, version, header length, header in Python notation, values.
class ArrayReader {
 public:
  ArrayReader(const std::string& bytes, std::string where)
      : bytes_(bytes), where_(std::move(where)) {}

  torch::Tensor read() const {
    if (bytes_.size() < 12 || bytes_.compare(0, 6, "\x93NUMPY") != 0) fail("not a NumPy array");
    const auto byte = [&](std::size_t i) {
      return std::size_t{static_cast<unsigned char>(bytes_[i])};
    };
    const bool first_version = bytes_[6] == 1;
    const std::size_t start = first_version ? 10 : 12;
    std::size_t length = byte(8) | byte(9) << 8U;
    if (!first_version) length |= byte(10) << 16U | byte(11) << 24U;
    if (length > bytes_.size() - start) fail("truncated header");
    if (length > kMaxHeaderBytes) fail("header too long: " + std::to_string(length) + " bytes");
    return values(bytes_.substr(start, length), start + length);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, where_ + ": " + what);
  }

  [[nodiscard]] torch::Tensor values(const std::string& header, std::size_t start) const {
    static const std::regex kType(R"('descr':\s*'([^']*)')"),
        kShape(R"('shape':\s*\(([0-9, ]*)\))"), kFortran(R"('fortran_order':\s*(True|False))");
    std::smatch type_text, shape_text, order_text;
    if (!std::regex_search(header, type_text, kType) ||
        !std::regex_search(header, shape_text, kShape) ||
        !std::regex_search(header, order_text, kFortran)) {
      fail("the header lacks type, shape or order");
    }
    if (order_text[1] == "True") fail("Fortran order is not supported");
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& known) {
      return type_text[1] == std::string(known.first);
    });
    if (type == kTypes.end()) fail("type " + type_text[1].str() + " is not supported");

    const std::uint64_t held = (bytes_.size() - start) / torch::elementSize(type->second);
    const auto shape = sizes_in(shape_text[1]);
    const auto elements = shape ? element_count(*shape) : std::nullopt;
    if (!elements) fail("impossible shape");
    const auto count = static_cast<std::uint64_t>(*elements);
    if (count != held || (bytes_.size() - start) % torch::elementSize(type->second) != 0) {
      fail("expected " + std::to_string(count) + " values for its shape, found " +
           std::to_string(held));
    }
    torch::Tensor array = torch::empty(*shape, type->second);
    if (count > 0) std::memcpy(array.data_ptr(), bytes_.data() + start, array.nbytes());
    return array;
  }

  const std::string& bytes_;
  std::string where_;
};

}  // namespace

std::map<std::string, torch::Tensor> read_npz(const std::filesystem::path& file) {
  const ZipArchive archive(file);
  std::uint64_t left =
      std::min(ZipArchive::kMaxBytes, kFreeBytes + kMaxGrowth * std::filesystem::file_size(file));
  static const std::string kEnding = ".npy";
  std::map<std::string, torch::Tensor> arrays;
  for (const auto& member : archive.names()) {
    const bool is_array = member.ends_with(kEnding);
    const std::string name = is_array ? member.substr(0, member.size() - kEnding.size()) : member;
    const std::string bytes = archive.read(member, left);
    left -= bytes.size();
    arrays[name] =
        ArrayReader(bytes, "weights: " + file.string() + ": array \"" + name + "\"").read();
  }
  return arrays;
}

}  // namespace spine
