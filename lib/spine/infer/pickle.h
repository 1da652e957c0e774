#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spine {

/// A pickled tensor: reference to a part of a storage of the checkpoint.
struct PickledTensor {
  std::string type;               ///< "FloatStorage", ...
  std::string storage;            ///< name of the member that holds the values
  std::int64_t storage_size = 0;  ///< elements
  std::int64_t offset = 0;        ///< elements
  std::vector<std::int64_t> shape, strides;
};

struct PickledValue;

/// Nesting depth of a container, limited so that its recursive destruction cannot overflow the
/// stack.
struct PickledNesting {
  int levels = 1;
  bool is_held = false;  ///< by another container; it must not grow any more
};
struct PickledList : std::vector<PickledValue>, PickledNesting {
  using std::vector<PickledValue>::vector;
};
/// Key-value pairs in insertion order; keys are not checked for uniqueness.
struct PickledDict : std::vector<std::pair<PickledValue, PickledValue>>, PickledNesting {
  using std::vector<std::pair<PickledValue, PickledValue>>::vector;
};

/// A value of a pickle. Lists, tuples and dictionaries are shared, as a pickle may refer to them
/// more than once.
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

/// Reads the pickle inside a PyTorch checkpoint (protocols 2 to 5). A pickle is a program that
/// could call arbitrary code; this interpreter only builds numbers, strings, lists, tuples,
/// dictionaries and tensors. Any other global name or unneeded opcode is an error; nothing is ever
/// called. Nesting and memory are limited to what checkpoints need.
/// @param where  named in errors
/// @throws Error(weights) naming what was refused, or for a truncated pickle.
PickledValue read_pickle(std::string_view bytes, const std::string& where);

}  // namespace spine
