#include "spine/infer/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/infer/tensor_shape.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

namespace spine {
namespace {

static_assert(std::endian::native == std::endian::little,
              "values are copied without byte swapping");

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation

struct TypeName {
  std::string_view name;
  torch::ScalarType type;
};
constexpr std::array<TypeName, 5> kTypes{{{"F32", torch::kFloat},
                                          {"F16", torch::kHalf},
                                          {"BF16", torch::kBFloat16},
                                          {"F64", torch::kDouble},
                                          {"I64", torch::kLong}}};

struct Entry {
  std::string name;
  torch::ScalarType type = torch::kFloat;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  // within the data part
};

/// Reads one file; every error names it.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : file_(file), stream_(file, std::ios::binary) {
    std::error_code error;
    size_ = std::filesystem::file_size(file, error);
    if (error || !stream_) fail("cannot be opened");
  }

  TensorFile read() {
    const nlohmann::json header = read_header();
    TensorFile content;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        content.metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(name, value));
      }
    }
    check_layout(entries);
    for (const auto& entry : entries) content.tensors.emplace(entry.name, read_tensor(entry));
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, "weights: " + file_.string() + ": " + what);
  }

  nlohmann::json read_header() {
    if (size_ < kLengthBytes) {
      fail("expected a safetensors file, found only " + std::to_string(size_) + " bytes");
    }
    std::uint64_t length = 0;
    stream_.read(reinterpret_cast<char*>(&length), kLengthBytes);
    if (!stream_ || length > kMaxHeaderBytes || length > size_ - kLengthBytes) {
      fail("not a safetensors file: header of " + std::to_string(length) + " bytes in a file of " +
           std::to_string(size_));
    }
    std::string text(length, '\0');
    stream_.read(text.data(), static_cast<std::streamsize>(length));
    if (!stream_) fail("truncated header");
    data_start_ = kLengthBytes + length;
    data_size_ = size_ - data_start_;

    if (is_nested_too_deep(text)) fail("the header is not JSON, or is nested too deeply");
    std::set<std::string> seen;
    const auto no_duplicates = [&](int depth, nlohmann::json::parse_event_t event,
                                   const nlohmann::json& parsed) {
      if (depth == 1 && event == nlohmann::json::parse_event_t::key &&
          !seen.insert(parsed.get<std::string>()).second) {
        fail("duplicate name \"" + parsed.get<std::string>() + "\"");
      }
      return true;
    };
    nlohmann::json header;
    try {
      header = nlohmann::json::parse(text, no_duplicates);
    } catch (const nlohmann::json::exception&) {
      fail("the header is not JSON");
    }
    if (!header.is_object()) fail("the header is not a JSON object");
    return header;
  }

  [[nodiscard]] std::map<std::string, std::string> parse_metadata(
      const nlohmann::json& value) const {
    if (!value.is_object()) fail("__metadata__ is not an object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__ \"" + key + "\" is not text");
      metadata[key] = text.get<std::string>();
    }
    return metadata;
  }

  [[nodiscard]] Entry parse_entry(const std::string& name, const nlohmann::json& value) const {
    const std::string who = "tensor \"" + name.substr(0, 200) + "\"";
    const auto is_list = [&](const char* key) {
      return value.contains(key) && value[key].is_array() &&
             std::all_of(value[key].begin(), value[key].end(),
                         [](const auto& v) { return v.is_number_unsigned(); });
    };
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value["dtype"].is_string() || !is_list("shape") || !is_list("data_offsets") ||
        value["data_offsets"].size() != 2) {
      fail(who + ": expected {dtype, shape, data_offsets}");
    }
    Entry entry;
    entry.name = name;
    const auto type_name = value["dtype"].get<std::string>();
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeName& t) { return t.name == type_name; });
    if (type == kTypes.end()) fail(who + ": type " + type_name + " is not supported");
    entry.type = type->type;

    if (value["shape"].size() > kMaxDimensions) fail(who + ": too many dimensions");
    for (const auto& item : value["shape"]) {
      const auto n = item.get<std::uint64_t>();
      if (!std::in_range<std::int64_t>(n)) fail(who + ": impossible shape");
      entry.shape.push_back(static_cast<std::int64_t>(n));
    }
    const auto elements = element_count(entry.shape);
    if (!elements) fail(who + ": impossible shape");
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(*elements) * torch::elementSize(entry.type);
    entry.begin = value["data_offsets"][0].get<std::uint64_t>();
    entry.end = value["data_offsets"][1].get<std::uint64_t>();
    if (entry.begin > entry.end || entry.end > data_size_) {
      fail(who + ": data up to byte " + std::to_string(entry.end) + ", but the file holds " +
           std::to_string(data_size_) + " (truncated?)");
    }
    if (entry.end - entry.begin != bytes) {
      fail(who + ": expected " + std::to_string(bytes) + " bytes for its shape, found " +
           std::to_string(entry.end - entry.begin));
    }
    return entry;
  }

  void check_layout(std::vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::uint64_t position = 0;
    for (const auto& entry : entries) {
      if (entry.begin != position) {
        fail("tensor \"" + entry.name + "\" overlaps another or leaves a hole");
      }
      position = entry.end;
    }
    if (position != data_size_) {
      fail(std::to_string(data_size_ - position) + " bytes at the end belong to no tensor");
    }
  }

  torch::Tensor read_tensor(const Entry& entry) {
    torch::Tensor tensor = torch::empty(entry.shape, entry.type);
    stream_.seekg(static_cast<std::streamoff>(data_start_ + entry.begin));
    stream_.read(static_cast<char*>(tensor.data_ptr()),
                 static_cast<std::streamsize>(entry.end - entry.begin));
    if (!stream_) fail("truncated in tensor \"" + entry.name + "\"");
    return tensor;
  }

  std::filesystem::path file_;
  std::ifstream stream_;
  std::uint64_t size_ = 0, data_start_ = 0, data_size_ = 0;
};

std::string_view type_name(const std::string& tensor, torch::ScalarType type) {
  for (const auto& known : kTypes) {
    if (known.type == type) return known.name;
  }
  throw Error(ErrorKind::internal,
              "weights: tensor \"" + tensor + "\" has a type that is not saved");
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& file) { return Reader(file).read(); }

void write_safetensors(const std::filesystem::path& file, const TensorFile& content) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    const std::uint64_t end = offset + tensor.nbytes();
    header[name] = {{"dtype", type_name(name, tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // values start aligned
  const std::uint64_t length = text.size();

  try {
    AtomicFile out(file);
    out.write(std::as_bytes(std::span(&length, 1)));
    out.write(text);
    for (const auto& [name, tensor] : content.tensors) {
      const torch::Tensor flat = tensor.detach().to(torch::kCPU).contiguous();
      out.write(std::span(static_cast<const std::byte*>(flat.data_ptr()), flat.nbytes()));
    }
    out.commit();
  } catch (const Error& error) {
    throw error.within("weights");
  }
}

}  // namespace spine
