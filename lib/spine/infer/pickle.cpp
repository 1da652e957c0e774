#include "spine/infer/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>

#include "spine/infer/pickle_reader.h"

namespace spine {
namespace {

/// A Python global that a checkpoint of tensors needs.
struct Global {
  std::string name;  ///< "torch._utils _rebuild_tensor_v2" without the module: "_rebuild_tensor_v2"
};

/// Values of one type, in a member of the archive.
struct Storage {
  std::string type, key;
  std::int64_t size = 0;
};

constexpr int kMaxLevels = 100;  // of containers in containers
// Limit of everything that is built.
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{512} << 20U;

/// An element of the stack: a value, or a global or storage from which values are built.
using Item = std::variant<PickledValue, Global, Storage>;

constexpr std::array<std::string_view, 9> kStorageTypes{
    "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage",
    "IntStorage",   "ShortStorage",  "CharStorage", "ByteStorage"};

bool is_storage_type(const std::string& name) {
  return name == "BoolStorage" ||
         std::find(kStorageTypes.begin(), kStorageTypes.end(), name) != kStorageTypes.end();
}

class Unpickler : private PickleReader {
 public:
  using PickleReader::PickleReader;

  PickledValue read() {
    while (true) {
      const auto instruction = static_cast<unsigned char>(take(1)[0]);
      if (instruction == '.') return pop_value();
      step(instruction);
    }
  }

 private:
  Item pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) {
      fail("invalid pickle: stack underflow");
    }
    Item item = std::move(stack_.back());
    stack_.pop_back();
    return item;
  }
  PickledValue pop_value() {
    Item item = pop();
    if (auto* value = std::get_if<PickledValue>(&item)) return std::move(*value);
    fail("invalid pickle: expected a value, found a global or a storage");
  }
  /// Pops everything above the last mark.
  PickledList pop_to_mark() {
    if (marks_.empty() || marks_.back() > stack_.size()) fail("invalid pickle: stack underflow");
    PickledList values;
    for (std::size_t i = marks_.back(); i < stack_.size(); ++i) {
      values.push_back(as_value(std::move(stack_[i])));
    }
    stack_.resize(marks_.back());
    marks_.pop_back();
    return values;
  }
  /// A persistent id's tuple holds a name, a tensor's arguments a storage: both stand for
  /// themselves there, as text and as the tensor that is the whole storage.
  static PickledValue as_value(Item item) {
    if (auto* global = std::get_if<Global>(&item)) return {std::move(global->name)};
    if (auto* storage = std::get_if<Storage>(&item)) {
      return {PickledTensor{storage->type, storage->key, storage->size, 0, {storage->size}, {1}}};
    }
    return std::move(std::get<PickledValue>(item));
  }

  /// Accounts for the memory of a copy.
  const Item& counted(const Item& item) {
    const auto size_of = [](const PickledTensor& t) {
      return t.type.size() + t.storage.size() + 8 * (t.shape.size() + t.strides.size());
    };
    memory_ += sizeof item;
    if (const auto* storage = std::get_if<Storage>(&item)) {
      memory_ += storage->type.size() + storage->key.size();
    } else if (const auto* value = std::get_if<PickledValue>(&item)) {
      if (value->text() != nullptr) memory_ += value->text()->size();
      if (value->tensor() != nullptr) memory_ += size_of(*value->tensor());
    }
    if (memory_ > kMaxMemoryBytes) fail("refused: it requires more memory than checkpoints need");
    return item;
  }
  void push_item(Item item) {
    counted(item);
    stack_.push_back(std::move(item));
  }
  void push(PickledValue value) { push_item(std::move(value)); }
  void push_list(PickledList values) {
    for (const PickledValue& value : values) nest(value, values);
    push({std::make_shared<PickledList>(std::move(values))});
  }
  /// Records that a container holds a value.
  void nest(const PickledValue& inner, PickledNesting& outer) const {
    PickledNesting* nested = inner.nesting();
    if (outer.is_held || nested == &outer)
      fail("refused: a container grows that another one holds");
    if (nested == nullptr) return;
    nested->is_held = true;
    outer.levels = std::max(outer.levels, nested->levels + 1);
    if (outer.levels > kMaxLevels) {
      fail("refused: containers nested more than " + std::to_string(kMaxLevels) + " deep");
    }
  }
  void push_last(std::size_t count) {
    PickledList values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = as_value(pop());
    push_list(std::move(values));
  }

  /// Executes an instruction, which is looked for among those of each kind.
  void step(unsigned char instruction) {
    if (push_constant(instruction) || push_number_or_text(instruction) ||
        push_container(instruction) || fill_container(instruction) || use_memo(instruction) ||
        use_global(instruction)) {
      return;
    }
    char hex[8];
    std::snprintf(hex, sizeof hex, "0x%02x", instruction);
    fail(std::string("refused: pickle instruction ") + hex + " is not needed for tensors");
  }

  /// Instructions without operand on the stack: protocol, frame, mark, None, True, False.
  bool push_constant(unsigned char instruction) {
    switch (instruction) {
      case 0x80:  // PROTO
        if (const auto protocol = number(1); protocol < 2 || protocol > 5) {
          fail("pickle protocol " + std::to_string(protocol) + "; expected 2 to 5");
        }
        return true;
      case 0x95:  // FRAME
        take(8);
        return true;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      case 'N':  // NONE
        push({std::monostate()});
        return true;
      case 0x88:  // NEWTRUE
        push({true});
        return true;
      case 0x89:  // NEWFALSE
        push({false});
        return true;
      default:
        return false;
    }
  }

  bool push_number_or_text(unsigned char instruction) {
    switch (instruction) {
      case 'K':  // BININT1
        push({static_cast<std::int64_t>(number(1))});
        return true;
      case 'M':  // BININT2
        push({static_cast<std::int64_t>(number(2))});
        return true;
      case 'J':  // BININT
        push({std::int64_t{std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)))}});
        return true;
      case 0x8a:  // LONG1
        push({long_number()});
        return true;
      case 'G':  // BINFLOAT
        push({big_endian_double()});
        return true;
      case 'X':  // BINUNICODE
        push({std::string(take(number(4)))});
        return true;
      case 0x8c:  // SHORT_BINUNICODE
        push({std::string(take(number(1)))});
        return true;
      default:
        return false;
    }
  }

  bool push_container(unsigned char instruction) {
    switch (instruction) {
      case ']':  // EMPTY_LIST
      case ')':  // EMPTY_TUPLE
        push_list({});
        return true;
      case '}':  // EMPTY_DICT
        push({std::make_shared<PickledDict>()});
        return true;
      case 't':  // TUPLE
        push_list(pop_to_mark());
        return true;
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        push_last(instruction - 0x84U);
        return true;
      default:
        return false;
    }
  }

  bool fill_container(unsigned char instruction) {
    switch (instruction) {
      case 'a':  // APPEND
        append({pop_value()});
        return true;
      case 'e':  // APPENDS
        append(pop_to_mark());
        return true;
      case 's': {  // SETITEM
        PickledList pair(2);
        pair[1] = pop_value();
        pair[0] = pop_value();
        set_items(std::move(pair));
        return true;
      }
      case 'u':  // SETITEMS
        set_items(pop_to_mark());
        return true;
      case 'b':  // BUILD
        build();
        return true;
      default:
        return false;
    }
  }

  bool use_memo(unsigned char instruction) {
    switch (instruction) {
      case 'q':  // BINPUT
        memo_[number(1)] = counted(top());
        return true;
      case 'r':  // LONG_BINPUT
        memo_[number(4)] = counted(top());
        return true;
      case 0x94: {  // MEMOIZE
        const std::uint64_t next = memo_.size();
        memo_[next] = counted(top());
        return true;
      }
      case 'h':  // BINGET
        recall(number(1));
        return true;
      case 'j':  // LONG_BINGET
        recall(number(4));
        return true;
      default:
        return false;
    }
  }

  /// Instructions that name, read or call a global.
  bool use_global(unsigned char instruction) {
    switch (instruction) {
      case 'c': {  // GLOBAL
        const std::string module = line();
        push_global(module, line());
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const PickledValue name = pop_value(), module = pop_value();
        if (name.text() == nullptr || module.text() == nullptr)
          fail("invalid pickle: expected a string as global name");
        push_global(*module.text(), *name.text());
        return true;
      }
      case 'Q':  // BINPERSID
        push_storage();
        return true;
      case 'R':  // REDUCE
        reduce();
        return true;
      default:
        return false;
    }
  }

  const Item& top() {
    if (stack_.empty()) fail("invalid pickle: stack underflow");
    return stack_.back();
  }
  void recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail("invalid pickle: unknown memo key");
    push_item(found->second);
  }

  void append(PickledList values) {
    auto* list = std::get_if<std::shared_ptr<PickledList>>(&container().value);
    if (list == nullptr) fail("invalid pickle: expected a list");
    for (auto& value : values) {
      nest(value, **list);
      (*list)->push_back(std::move(value));
    }
  }
  void set_items(PickledList values) {
    auto* dict = std::get_if<std::shared_ptr<PickledDict>>(&container().value);
    if (dict == nullptr || values.size() % 2 != 0) fail("invalid pickle: expected a dictionary");
    for (std::size_t i = 0; i < values.size(); i += 2) {
      nest(values[i], **dict);
      nest(values[i + 1], **dict);
      (*dict)->emplace_back(std::move(values[i]), std::move(values[i + 1]));
    }
  }
  PickledValue& container() {
    if (!stack_.empty()) {
      if (auto* value = std::get_if<PickledValue>(&stack_.back())) return *value;
    }
    fail("invalid pickle: expected a list or a dictionary");
  }

  void push_global(const std::string& module, const std::string& name) {
    const bool known = (module == "collections" && name == "OrderedDict") ||
                       (module == "torch._utils" &&
                        (name == "_rebuild_tensor_v2" || name == "_rebuild_parameter")) ||
                       (module == "torch" && is_storage_type(name));
    if (!known) {
      fail("refused: global " + module + "." + name +
           "; only tensors are supported; save the state dictionary alone: "
           "torch.save(model.state_dict(), ...)");
    }
    push_item(Global{name});
  }

  /// ("storage", type, key, device, elements)
  void push_storage() {
    const PickledValue id = pop_value();
    const auto* parts = std::get_if<std::shared_ptr<PickledList>>(&id.value);
    if (parts == nullptr || (*parts)->size() != 5) fail("not a PyTorch storage");
    const auto& p = **parts;
    const auto* elements = std::get_if<std::int64_t>(&p[4].value);
    if (p[0].text() == nullptr || *p[0].text() != "storage" || p[1].text() == nullptr ||
        !is_storage_type(*p[1].text()) || p[2].text() == nullptr || elements == nullptr ||
        *elements < 0) {
      fail("not a PyTorch storage");
    }
    push_item(Storage{*p[1].text(), *p[2].text(), *elements});
  }

  void reduce() {
    const PickledValue given = pop_value();
    const auto* shared = std::get_if<std::shared_ptr<PickledList>>(&given.value);
    Item callee = pop();
    const auto* global = std::get_if<Global>(&callee);
    if (shared == nullptr || global == nullptr)
      fail("refused: call of an object that is not a global");
    const PickledList& arguments = **shared;
    if (global->name == "OrderedDict" && arguments.empty()) {
      push({std::make_shared<PickledDict>()});
    } else if (global->name == "_rebuild_tensor_v2" && arguments.size() >= 4) {
      push({tensor(arguments)});
    } else if (global->name == "_rebuild_parameter" && !arguments.empty() &&
               arguments[0].tensor() != nullptr) {
      push(arguments[0]);
    } else {
      fail("refused: a call of " + global->name + " with unexpected arguments");
    }
  }

  /// (storage, offset, shape, strides, ...)
  PickledTensor tensor(const PickledList& arguments) const {
    const auto numbers =
        [&](const PickledValue& value) -> std::optional<std::vector<std::int64_t>> {
      const auto* list = std::get_if<std::shared_ptr<PickledList>>(&value.value);
      if (list == nullptr) return std::nullopt;
      std::vector<std::int64_t> out;
      for (const auto& item : **list) {
        const auto* n = std::get_if<std::int64_t>(&item.value);
        if (n == nullptr || *n < 0) return std::nullopt;
        out.push_back(*n);
      }
      return out;
    };
    const auto* storage = arguments[0].tensor();
    const auto* offset = std::get_if<std::int64_t>(&arguments[1].value);
    const auto shape = numbers(arguments[2]), strides = numbers(arguments[3]);
    if (storage == nullptr || offset == nullptr || *offset < 0 || !shape || !strides ||
        shape->size() != strides->size()) {
      fail("a tensor with unexpected arguments");
    }
    PickledTensor result = *storage;
    result.offset = *offset;
    result.shape = *shape;
    result.strides = *strides;
    return result;
  }

  /// A state dictionary carries "_metadata" as an attribute, which is ignored.
  void build() {
    pop_value();
    if (container().dict() == nullptr)
      fail("refused: attributes of an object that is not a dictionary");
  }

  std::uint64_t memory_ = 0;
  std::vector<Item> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, Item> memo_;
};

}  // namespace

const PickledDict* PickledValue::dict() const {
  const auto* shared = std::get_if<std::shared_ptr<PickledDict>>(&value);
  return shared == nullptr ? nullptr : shared->get();
}

PickledNesting* PickledValue::nesting() const {
  if (const auto* list = std::get_if<std::shared_ptr<PickledList>>(&value)) return list->get();
  if (const auto* dict = std::get_if<std::shared_ptr<PickledDict>>(&value)) return dict->get();
  return nullptr;
}

PickledValue read_pickle(std::string_view bytes, const std::string& where) {
  return Unpickler(bytes, where).read();
}

}  // namespace spine
