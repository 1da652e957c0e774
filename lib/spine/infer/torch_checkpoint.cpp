#include "spine/infer/torch_checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "spine/core/error.h"
#include "spine/infer/pickle.h"
#include "spine/infer/tensor_shape.h"
#include "spine/infer/zip_archive.h"

namespace spine {
namespace {

constexpr std::uint64_t kMaxPickleBytes = std::uint64_t{16} << 20U;
// Limit relative to the file: torch.save does not compress, and few tensors share a storage.
constexpr std::uint64_t kMaxGrowth = 8;
constexpr std::array<std::pair<std::string_view, torch::ScalarType>, 10> kStorageTypes{{
    {"FloatStorage", torch::kFloat},
    {"DoubleStorage", torch::kDouble},
    {"HalfStorage", torch::kHalf},
    {"BFloat16Storage", torch::kBFloat16},
    {"LongStorage", torch::kLong},
    {"IntStorage", torch::kInt},
    {"ShortStorage", torch::kShort},
    {"CharStorage", torch::kChar},
    {"ByteStorage", torch::kByte},
    {"BoolStorage", torch::kBool},
}};

class StateReader {
 public:
  explicit StateReader(const std::filesystem::path& file)
      : where_("weights: " + file.string()),
        archive_(file),
        most_bytes_(kMaxGrowth * std::filesystem::file_size(file)) {
    // Members are in a folder with the checkpoint's name.
    for (const auto& name : archive_.names()) {
      const std::string pickle = "data.pkl";
      const bool found =
          name == pickle || (name.size() > pickle.size() &&
                             name.substr(name.size() - pickle.size() - 1) == "/" + pickle);
      if (found) folder_ = name.substr(0, name.size() - pickle.size());
    }
    if (!folder_) {
      fail("a zip archive without data.pkl; expected a checkpoint of torch.save");
    }
  }

  std::map<std::string, torch::Tensor> read() {
    const PickledValue top =
        read_pickle(archive_.read(*folder_ + "data.pkl", kMaxPickleBytes), where_);
    const PickledDict* entries = state_dictionary(top);
    std::map<std::string, torch::Tensor> state;
    for (const auto& [key, value] : *entries) {
      if (key.text() == nullptr) fail("the state dictionary has a key that is not a string");
      if (value.tensor() == nullptr) fail("\"" + *key.text() + "\" is not a tensor");
      if (!state.emplace(*key.text(), tensor(*key.text(), *value.tensor())).second) {
        fail("\"" + *key.text() + "\" is duplicated");
      }
    }
    return without_prefix(std::move(state), "module.");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::weights, where_ + ": " + what);
  }

  [[nodiscard]] const PickledDict* state_dictionary(const PickledValue& top) const {
    const PickledDict* dict = top.dict();
    if (dict == nullptr) fail("expected a state dictionary, found something else");
    for (const char* name : {"state_dict", "model_state_dict", "model"}) {
      for (const auto& [key, value] : *dict) {
        if (key.text() != nullptr && *key.text() == name && value.dict() != nullptr) {
          return value.dict();
        }
      }
    }
    return dict;
  }

  const std::string& bytes_of(const std::string& storage) {
    const auto [entry, is_new] = storages_.try_emplace(storage);
    if (is_new) {
      entry->second = archive_.read(*folder_ + "data/" + storage,
                                    std::min(ZipArchive::kMaxBytes, most_bytes_ - read_bytes_));
      read_bytes_ += entry->second.size();
    }
    return entry->second;
  }

  torch::Tensor tensor(const std::string& name, const PickledTensor& given) {
    const auto type = std::find_if(kStorageTypes.begin(), kStorageTypes.end(),
                                   [&](const auto& known) { return known.first == given.type; });
    if (type == kStorageTypes.end())
      fail("\"" + name + "\": type " + given.type + " is not supported");
    const auto size = static_cast<std::int64_t>(torch::elementSize(type->second));
    const std::string& bytes = bytes_of(given.storage);
    const std::int64_t held = static_cast<std::int64_t>(bytes.size()) / size;

    // Index of the last element, with overflow checks.
    const auto elements = element_count(given.shape);
    const std::int64_t count = elements.value_or(0);
    std::int64_t last = given.offset;
    bool sane = elements && given.offset <= held;
    for (std::size_t i = 0; sane && i < given.shape.size(); ++i) {
      std::int64_t step = 0;
      sane = !__builtin_mul_overflow(std::max<std::int64_t>(given.shape[i] - 1, 0),
                                     given.strides[i], &step) &&
             !__builtin_add_overflow(last, step, &last);
    }
    // A stride of 0 would let a small file request any amount of memory.
    if (!sane || count > held || (count > 0 && last >= held)) {
      fail("\"" + name + "\": its shape requires more than the " + std::to_string(held) +
           " values that are stored (truncated?)");
    }
    cloned_bytes_ += static_cast<std::uint64_t>(count * size);
    if (cloned_bytes_ > most_bytes_) fail("refused: its tensors take many times the stored size");
    const auto flat = torch::from_blob(const_cast<char*>(bytes.data()), {held}, type->second);
    return flat.as_strided(given.shape, given.strides, given.offset)
        .clone(at::MemoryFormat::Contiguous);
  }

  static std::map<std::string, torch::Tensor> without_prefix(
      std::map<std::string, torch::Tensor> state, const std::string& prefix) {
    const bool everywhere = !state.empty() && std::all_of(state.begin(), state.end(), [&](auto& e) {
      return e.first.rfind(prefix, 0) == 0;
    });
    if (!everywhere) return state;
    std::map<std::string, torch::Tensor> shorter;
    for (auto& [name, value] : state) shorter.emplace(name.substr(prefix.size()), std::move(value));
    return shorter;
  }

  std::string where_;
  ZipArchive archive_;
  std::optional<std::string> folder_;
  std::map<std::string, std::string> storages_;
  std::uint64_t most_bytes_, read_bytes_ = 0, cloned_bytes_ = 0;
};

}  // namespace

bool is_bare_pickle(const std::filesystem::path& file) {
  constexpr char kProtocol = '\x80', kNewestProtocol = 5;
  constexpr std::size_t kSafetensorsHeader = 8;  // behind its length, a JSON object
  std::ifstream in(file, std::ios::binary);
  std::array<char, kSafetensorsHeader + 1> first{};
  in.read(first.data(), first.size());
  return first[0] == kProtocol && first[1] > 0 && first[1] <= kNewestProtocol &&
         first[kSafetensorsHeader] != '{';
}

std::map<std::string, torch::Tensor> read_torch_state(const std::filesystem::path& file) {
  if (is_bare_pickle(file)) {
    throw Error(
        ErrorKind::unsupported,
        "weights: " + file.string() +
            ": written by torch.save before 1.6 (or without its zip format); re-save it with "
            "torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)");
  }
  return StateReader(file).read();
}

}  // namespace spine
