#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spine {

/// Where a pickled tensor's values lie: a storage of the checkpoint, and its part.
struct PickledTensor {
  std::string type;               ///< "FloatStorage", ...
  std::string storage;            ///< name of the member that holds the values
  std::int64_t storage_size = 0;  ///< elements
  std::int64_t offset = 0;        ///< elements
  std::vector<std::int64_t> shape, strides;
};

struct PickledValue;

/// How deep a container is, so that none is built that would be too deep to be taken apart again.
struct PickledNesting {
  int levels = 1;
  bool is_held = false;  ///< by another container, from when on it may not grow
};
struct PickledList : std::vector<PickledValue>, PickledNesting {
  using std::vector<PickledValue>::vector;
};
/// As it was filled.
struct PickledDict : std::vector<std::pair<PickledValue, PickledValue>>, PickledNesting {
  using std::vector<std::pair<PickledValue, PickledValue>>::vector;
};

/// Something that a pickle holds. Lists, tuples and dictionaries are shared, as they may be named
/// twice.
struct PickledValue {
  std::variant<std::monostate, bool, std::int64_t, double, std::string,
               std::shared_ptr<PickledList>, std::shared_ptr<PickledDict>, PickledTensor>
      value;

  [[nodiscard]] const PickledDict* dict() const;
  /// Of a list or a dictionary, else nullptr.
  [[nodiscard]] PickledNesting* nesting() const;
  [[nodiscard]] const PickledTensor* tensor() const { return std::get_if<PickledTensor>(&value); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&value); }
};

/// Reads the pickle inside a PyTorch checkpoint (protocols 2 to 5), which is a little program that
/// could call anything: here it can build numbers, text, lists, tuples, dictionaries and tensors.
/// Any other name, and any instruction that these do not need, ends the reading; nothing is ever
/// called. Neither nesting nor memory grows beyond what checkpoints need.
/// @param where  named in errors
/// @throws Error(weights) naming what was refused, or where the pickle ends too soon.
PickledValue read_pickle(std::string_view bytes, const std::string& where);

}  // namespace spine
