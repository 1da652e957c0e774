#include "spine/infer/pickle.h"

#include "support/catch.h"

#include "spine/core/error.h"

using namespace spine;
using namespace std::string_literals;

namespace {

// Programs are written as pickle writes them: PROTO 2, instructions, STOP.
const std::string kStart = "\x80\x02";

std::string complaint(const std::string& program) {
  try {
    read_pickle(program, "file");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <typename T>
T value_of(const std::string& program) {
  return std::get<T>(read_pickle(kStart + program + ".", "file").value);
}

}  // namespace

TEST_CASE("Numbers, strings and booleans are read") {
  CHECK(value_of<std::int64_t>("K\xff") == 255);
  CHECK(value_of<std::int64_t>("M\x01\x02") == 513);
  CHECK(value_of<std::int64_t>("J\xfe\xff\xff\xff") == -2);
  CHECK(value_of<std::int64_t>("\x8a\x01\xff") == -1);
  CHECK(value_of<std::int64_t>("\x8a\x00"s) == 0);
  CHECK(value_of<std::int64_t>("\x8a\x05\x00\x00\x00\x00\x01"s) == std::int64_t{1} << 32);
  CHECK(value_of<double>("G\x3f\xc0\x00\x00\x00\x00\x00\x00"s) == 0.125);
  CHECK(value_of<bool>("\x88"));
  CHECK(!value_of<bool>("\x89"));
  CHECK(value_of<std::string>("X\x02\x00\x00\x00hi"s) == "hi");
  CHECK(std::holds_alternative<std::monostate>(read_pickle(kStart + "N.", "file").value));
}

TEST_CASE("Lists, tuples and dictionaries are read, and memo entries are recalled") {
  // d = {}; d["a"] = (1, 2); d["b"] = the same tuple
  const std::string program =
      kStart + "}(X\x01\x00\x00\x00"s + "aK\x01K\x02\x86q\x05X\x01\x00\x00\x00"s + "bh\x05u.";
  const PickledValue top = read_pickle(program, "file");
  REQUIRE(top.dict() != nullptr);
  REQUIRE(top.dict()->size() == 2);
  const auto& first = std::get<std::shared_ptr<PickledList>>((*top.dict())[0].second.value);
  const auto& second = std::get<std::shared_ptr<PickledList>>((*top.dict())[1].second.value);
  CHECK(first == second);
  CHECK(first->size() == 2);

  const PickledValue list = read_pickle(kStart + "](K\x01K\x02" + "eK\x03" + "a.", "file");
  CHECK(std::get<std::shared_ptr<PickledList>>(list.value)->size() == 3);
}

TEST_CASE("Names other than PyTorch's tensors are refused") {
  CHECK(contains(complaint(kStart + "cos\nsystem\n."), "os.system"));
  CHECK(contains(complaint(kStart + "cposix\nsystem\nX\x02\x00\x00\x00ls\x85R."s), "posix.system"));
  CHECK(
      contains(complaint("\x80\x04\x8c\x08" + "builtins\x8c\x04"s + "eval\x93."), "builtins.eval"));
  CHECK(contains(complaint(kStart + "ctorch\nload\n."), "torch.load"));
}

TEST_CASE("Instructions that tensors do not need are refused") {
  CHECK(contains(complaint(kStart + "i__main__\nX\n."), "0x69"));  // INST
  CHECK(contains(complaint(kStart + "\x81."), "0x81"));            // NEWOBJ
  CHECK(contains(complaint(kStart + "\x82\x01."), "0x82"));        // EXT1
  CHECK(contains(complaint("\x80\x01N."), "protocol 1"));
}

TEST_CASE("Known globals are called with PyTorch's arguments only") {
  CHECK(contains(complaint(kStart + "ccollections\nOrderedDict\nK\x01\x85R."), "OrderedDict"));
  CHECK(
      contains(complaint(kStart + "ctorch._utils\n_rebuild_tensor_v2\n)R."), "_rebuild_tensor_v2"));
  CHECK(contains(complaint(kStart + "K\x01)R."), "not a global"));
  CHECK(contains(complaint(kStart + "K\x01Q."), "storage"));
  CHECK(contains(complaint(kStart + "K\x01}b."), "attributes"));
}

TEST_CASE("Deeply nested and self-containing containers are refused") {
  const auto nested = [](std::size_t levels) {
    return kStart + std::string(levels, ']') + std::string(levels - 1, 'a') + ".";
  };
  CHECK(complaint(nested(50)).empty());
  CHECK(contains(complaint(nested(200000)), "nested more than"));
  // From outside to inside: each is appended while it is still empty.
  std::string outwards = kStart + "]";
  for (int i = 0; i < 1000; ++i)
    outwards +=
        "]q\x01"
        "ah\x01";
  CHECK(contains(complaint(outwards + "."), "another one holds"));
  CHECK(contains(complaint(kStart + "]q\x01h\x01"
                                    "a."),
                 "another one holds"));
}

TEST_CASE("Strings recalled repeatedly do not exhaust memory") {
  const std::string text(1 << 20, 'x');
  std::string program = kStart + "X" + "\x00\x00\x10\x00"s + text + "q\x01";
  for (int i = 0; i < 1000; ++i) program += "h\x01";
  CHECK(contains(complaint(program + "."), "more memory"));
}

TEST_CASE("Truncated pickles and stack underflows are refused") {
  const std::string whole = kStart + "}(X\x01\x00\x00\x00"s + "aK\x01u.";
  CHECK(complaint(whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(!complaint(whole.substr(0, length)).empty());
  }
  CHECK(!complaint(kStart + "X\xff\xff\xff\x7f" + "a.").empty());
  CHECK(!complaint(kStart + "h\x01.").empty());
  CHECK(!complaint(kStart + "t.").empty());
  CHECK(!complaint(kStart + "(.").empty());
  CHECK(!complaint(kStart + "K\x01(\x85.").empty());
  CHECK(!complaint(kStart + "K\x01" + "a.").empty());
  CHECK(!complaint(kStart + "}K\x01" + "a.").empty());
  CHECK(!complaint(kStart + "](K\x01u.").empty());
  CHECK(!complaint(kStart + "q\x01.").empty());
}

TEST_CASE("Pickles of random bytes do no harm") {
  std::uint64_t state = 1;
  for (int i = 0; i < 20000; ++i) {
    std::string program = kStart;
    for (int k = 0; k < 24; ++k) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      static const std::string kUsed =
          "(NKMJX])}taesuqrhjcQRb.\x85\x86\x87\x88\x89\x8a\x8c\x93\x94";
      program += (state >> 62U) == 0 ? static_cast<char>(state >> 40U)
                                     : kUsed[(state >> 33U) % kUsed.size()];
    }
    complaint(program + ".");  // either way
  }
  SUCCEED();
}
