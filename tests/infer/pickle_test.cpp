#include "spine/infer/pickle.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "support/catch.h"
#include "support/throws.h"

#include "spine/core/error.h"

using namespace spine;
using test::contains;
using namespace std::string_literals;

namespace {

// Programs are written as pickle writes them: PROTO 2, instructions, STOP.
const std::string kStart = "\x80\x02";

std::string pickle_error(const std::string& program) {
  try {
    read_pickle(program, "file");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
  return "";
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
  CHECK(contains(pickle_error(kStart + "cos\nsystem\n."), "os.system"));
  CHECK(contains(pickle_error(kStart + "cposix\nsystem\nX\x02\x00\x00\x00ls\x85R."s),
                 "posix.system"));
  CHECK(contains(pickle_error("\x80\x04\x8c\x08" + "builtins\x8c\x04"s + "eval\x93."),
                 "builtins.eval"));
  CHECK(contains(pickle_error(kStart + "ctorch\nload\n."), "torch.load"));
}

TEST_CASE("Instructions that tensors do not need are refused") {
  CHECK(contains(pickle_error(kStart + "i__main__\nX\n."), "0x69"));  // INST
  CHECK(contains(pickle_error(kStart + "\x81."), "0x81"));            // NEWOBJ
  CHECK(contains(pickle_error(kStart + "\x82\x01."), "0x82"));        // EXT1
  CHECK(contains(pickle_error("\x80\x01N."), "protocol 1"));
}

TEST_CASE("Known globals are called with PyTorch's arguments only") {
  CHECK(contains(pickle_error(kStart + "ccollections\nOrderedDict\nK\x01\x85R."), "OrderedDict"));
  CHECK(contains(pickle_error(kStart + "ctorch._utils\n_rebuild_tensor_v2\n)R."),
                 "_rebuild_tensor_v2"));
  CHECK(contains(pickle_error(kStart + "K\x01)R."), "not a global"));
  CHECK(contains(pickle_error(kStart + "K\x01Q."), "storage"));
  CHECK(contains(pickle_error(kStart + "K\x01}b."), "attributes"));
}

TEST_CASE("Deeply nested and self-containing containers are refused") {
  const auto nested = [](std::size_t levels) {
    return kStart + std::string(levels, ']') + std::string(levels - 1, 'a') + ".";
  };
  CHECK(pickle_error(nested(50)).empty());
  CHECK(contains(pickle_error(nested(200000)), "nested more than"));
  // From outside to inside: each is appended while it is still empty.
  std::string outwards = kStart + "]";
  for (int i = 0; i < 1000; ++i)
    outwards +=
        "]q\x01"
        "ah\x01";
  CHECK(contains(pickle_error(outwards + "."), "another one holds"));
  CHECK(contains(pickle_error(kStart + "]q\x01h\x01"
                                       "a."),
                 "another one holds"));
}

TEST_CASE("Strings recalled repeatedly do not exhaust memory") {
  const std::string text(1 << 20, 'x');
  std::string program = kStart + "X" + "\x00\x00\x10\x00"s + text + "q\x01";
  for (int i = 0; i < 1000; ++i) program += "h\x01";
  CHECK(contains(pickle_error(program + "."), "more memory"));
}

TEST_CASE("Truncated pickles and stack underflows are refused") {
  const std::string whole = kStart + "}(X\x01\x00\x00\x00"s + "aK\x01u.";
  CHECK(pickle_error(whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(!pickle_error(whole.substr(0, length)).empty());
  }
  CHECK(!pickle_error(kStart + "X\xff\xff\xff\x7f" + "a.").empty());
  CHECK(!pickle_error(kStart + "h\x01.").empty());
  CHECK(!pickle_error(kStart + "t.").empty());
  CHECK(!pickle_error(kStart + "(.").empty());
  CHECK(!pickle_error(kStart + "K\x01(\x85.").empty());
  CHECK(!pickle_error(kStart + "K\x01" + "a.").empty());
  CHECK(!pickle_error(kStart + "}K\x01" + "a.").empty());
  CHECK(!pickle_error(kStart + "](K\x01u.").empty());
  CHECK(!pickle_error(kStart + "q\x01.").empty());
}

namespace {

/// A value in Python's notation; doubles as their bits.
std::string text_of(const PickledValue& value) {
  const auto joined = [](const auto& items, const auto& text_of_item) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + text_of_item(item);
    return text;
  };
  const auto number = [](std::int64_t n) { return std::to_string(n); };
  struct Visitor {
    const decltype(joined)& join;
    const decltype(number)& digits;
    std::string operator()(std::monostate) const { return "None"; }
    std::string operator()(bool b) const { return b ? "True" : "False"; }
    std::string operator()(std::int64_t n) const { return digits(n); }
    std::string operator()(double x) const {
      return "float:" + std::to_string(std::bit_cast<std::uint64_t>(x));
    }
    std::string operator()(const std::string& text) const { return "'" + text + "'"; }
    std::string operator()(const std::shared_ptr<PickledList>& list) const {
      return "[" + join(*list, text_of) + "]";
    }
    std::string operator()(const std::shared_ptr<PickledDict>& dict) const {
      const auto pair = [](const auto& item) {
        return text_of(item.first) + ": " + text_of(item.second);
      };
      return "{" + join(*dict, pair) + "}";
    }
    std::string operator()(const PickledTensor& t) const {
      return t.type + "(" + t.storage + "[" + digits(t.storage_size) + "], " + digits(t.offset) +
             ", [" + join(t.shape, digits) + "], [" + join(t.strides, digits) + "])";
    }
  };
  return std::visit(Visitor{joined, number}, value.value);
}

/// What a program gives: the value, or the pickle_error. Any exception but Error fails the test.
std::string outcome(const std::string& program) {
  try {
    return text_of(read_pickle(program, "file"));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    return error.what();
  }
}

bool is_refused(const std::string& outcome) { return outcome.rfind("file: ", 0) == 0; }

/// Random numbers that are the same everywhere (Knuth's MMIX).
class Draw {
 public:
  std::uint64_t operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return state_;
  }

 private:
  std::uint64_t state_ = 1;
};

/// Counts outcomes and adds them up to a fingerprint (FNV-1a).
class Tally {
 public:
  void add(const std::string& outcome) {
    ++(is_refused(outcome) ? refused : read);
    longest = std::max(longest, outcome.size());
    for (const char c : outcome) {
      fingerprint = (fingerprint ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
  }
  int read = 0, refused = 0;
  std::size_t longest = 0;
  std::uint64_t fingerprint = 0xcbf29ce484222325U;
};

/// {"w": tensor of 2 x 3} as PyTorch writes it.
const std::string kStateDict =
    kStart + "ccollections\nOrderedDict\nq\x01)Rq\x02X\x01\x00\x00\x00wctorch._utils\n"s +
    "_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00"s +
    "0X\x03\x00\x00\x00"s + "cpuK\x06tQK\x00K\x02K\x03\x86K\x03K\x01\x86\x89NtRs."s;

}  // namespace

TEST_CASE("Programs have the results of Python's pickle") {
  struct Known {
    std::string program, result;
  };
  const std::vector<Known> known{
      {"N.", "None"},
      {"\x88.", "True"},
      {"\x89.", "False"},
      {"K\x07.", "7"},
      {"M\xff\xff.", "65535"},
      {"J\x00\x00\x00\x80."s, "-2147483648"},
      {"\x8a\x02\x00\x80."s, "-32768"},
      {"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "9223372036854775807"},
      {"G\x3f\xf0\x00\x00\x00\x00\x00\x00."s, "float:4607182418800017408"},
      {"X\x03\x00\x00\x00"s + "abc.", "'abc'"},
      {"\x8c\x03" + "abc."s, "'abc'"},
      {"].", "[]"},
      {").", "[]"},
      {"}.", "{}"},
      {"(K\x01K\x02K\x03t.", "[1, 2, 3]"},
      {"K\x01\x85.", "[1]"},
      {"K\x01K\x02\x86.", "[1, 2]"},
      {"K\x01K\x02K\x03\x87.", "[1, 2, 3]"},
      {"]K\x01" + "aK\x02"s + "a.", "[1, 2]"},
      {"](K\x01K\x02" + "e."s, "[1, 2]"},
      {"}K\x01K\x02s.", "{1: 2}"},
      {"}(K\x01K\x02K\x03Nu.", "{1: 2, 3: None}"},
      {"K\x05q\x09K\x06h\x09\x86.", "[6, 5]"},
      {"K\x05r\x01\x02\x00\x00K\x06j\x01\x02\x00\x00\x86."s, "[6, 5]"},
      {"K\x05\x94K\x06\x94h\x00h\x01\x87."s, "[6, 5, 6]"},
      {"\x95\x00\x00\x00\x00\x00\x00\x00\x00K\x01."s, "1"},
      {"ccollections\nOrderedDict\n)R.", "{}"},
      {"}}b.", "{}"},
  };
  for (const auto& [program, result] : known) {
    CAPTURE(result);
    CHECK(outcome(kStart + program) == result);
  }
  CHECK(outcome(kStateDict) == "{'w': FloatStorage(0[6], 0, [2, 3], [3, 1])}");
}

// The counts and fingerprints are those of the language that is read and of its messages: a change
// of either on purpose needs new ones, any other change is a fault.
TEST_CASE("Random programs are read or refused, in bounded memory and time") {
  static const std::string kUsed = "(NKMJX])}taesuqrhjcQRb.\x85\x86\x87\x88\x89\x8a\x8c\x93\x94";
  const auto start = std::chrono::steady_clock::now();
  Draw draw;
  Tally tally;
  for (int i = 0; i < 20000; ++i) {
    std::string program = kStart;
    for (int k = 0; k < 24; ++k) {
      const std::uint64_t state = draw();
      program += (state >> 62U) == 0 ? static_cast<char>(state >> 40U)
                                     : kUsed[(state >> 33U) % kUsed.size()];
    }
    tally.add(outcome(program + "."));
  }
  CHECK(tally.read == 182);
  CHECK(tally.refused == 19818);
  CHECK(tally.longest < 300);
  CHECK(tally.fingerprint == 8902092859704692802U);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("Damaged state dictionaries are read or refused, in bounded memory and time") {
  const auto start = std::chrono::steady_clock::now();
  Draw draw;
  Tally tally;
  for (int i = 0; i < 20000; ++i) {
    std::string program = kStateDict;
    for (int changes = 1 + i % 3; changes > 0; --changes) {
      const std::size_t at = (draw() >> 33U) % program.size();
      program[at] = static_cast<char>(draw() >> 40U);
    }
    tally.add(outcome(program));
  }
  CHECK(tally.read == 713);
  CHECK(tally.refused == 19287);
  CHECK(tally.longest < 400);
  CHECK(tally.fingerprint == 10691965297137636353U);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
