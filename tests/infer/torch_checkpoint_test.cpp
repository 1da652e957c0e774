#include "spine/infer/torch_checkpoint.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/core/error.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using test::contains;
namespace fs = std::filesystem;
using torch::Tensor;

namespace {

// Made by checkpoints/make.py.
fs::path checkpoint(const std::string& name) {
  return fs::path(SPINE_TEST_DATA) / "checkpoints" / name;
}

std::string torch_state_error(const fs::path& file, ErrorKind kind = ErrorKind::weights) {
  try {
    read_torch_state(file);
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    CHECK(std::string(error.what()).find(file.string()) != std::string::npos);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A state dictionary keeps names, types, shapes and values") {
  const auto state = read_torch_state(checkpoint("state.pth"));
  REQUIRE(state.size() == 7);
  const Tensor base = torch::arange(12, torch::kFloat);
  CHECK(torch::equal(state.at("weight"), base.reshape({3, 4})));
  CHECK(torch::equal(state.at("turned"), base.reshape({3, 4}).t()));
  CHECK(state.at("turned").is_contiguous());
  CHECK(torch::equal(state.at("part"), base.slice(0, 5, 9)));
  CHECK(state.at("half").scalar_type() == torch::kHalf);
  CHECK(state.at("half")[1].item<float>() == -2.0F);
  CHECK(state.at("counter").item<std::int64_t>() == 7);
  CHECK(state.at("flags").scalar_type() == torch::kBool);
  CHECK(state.at("empty").sizes() == torch::IntArrayRef({0, 3}));
}

TEST_CASE("A module's own state dictionary is read, its metadata ignored") {
  const auto state = read_torch_state(checkpoint("module.pth"));
  REQUIRE(state.size() == 2);
  CHECK(state.at("0.weight").sizes() == torch::IntArrayRef({1, 2}));
}

TEST_CASE("A state dictionary is found inside a checkpoint of training, DataParallel or not") {
  const auto state = read_torch_state(checkpoint("nested.pth"));
  REQUIRE(state.size() == 7);
  CHECK(torch::equal(state.at("weight"), torch::arange(12, torch::kFloat).reshape({3, 4})));
}

TEST_CASE("Anything but tensors is refused by name and never executed") {
  fs::remove("spine-harmed");
  CHECK(contains(torch_state_error(checkpoint("harmful.pth")), "system"));
  CHECK(!fs::exists("spine-harmed"));
  CHECK(contains(torch_state_error(checkpoint("whole_module.pth")),
                 "torch.nn.modules.linear.Linear"));
  CHECK(contains(torch_state_error(checkpoint("list.pth")), "expected a state dictionary"));
  CHECK(contains(torch_state_error(checkpoint("mixed.pth")), "\"name\" is not a tensor"));
}

TEST_CASE("No tensor reaches beyond the values that are stored, or takes many times their memory") {
  CHECK(torch::equal(read_torch_state(checkpoint("honest.pth")).at("weight0"),
                     torch::tensor({1.0F, 2.0F, 3.0F})));
  for (const char* name : {"offset.pth", "strides.pth", "standing.pth", "overflow.pth"}) {
    INFO(name);
    CHECK(contains(torch_state_error(checkpoint(name)), "requires more than the 4 values"));
  }
  CHECK(contains(torch_state_error(checkpoint("shared.pth")), "many times the stored size"));
}

TEST_CASE("The format before 1.6 is recognised") {
  CHECK(
      contains(torch_state_error(checkpoint("legacy.pth"), ErrorKind::unsupported), "before 1.6"));
  const test::TempDir folder;
  const auto is_pickle = [&](const std::string& bytes) {
    std::ofstream(folder / "file", std::ios::binary) << bytes;
    return is_bare_pickle(folder / "file");
  };
  CHECK(is_pickle(std::string("\x80\x04\x95\x0a\0\0\0\0\0\0\0}.", 13)));
  CHECK(is_pickle("\x80\x02}."));
  CHECK_FALSE(is_pickle(std::string("\x80\x02\0\0\0\0\0\0{\"a\":", 13)));
  CHECK_FALSE(is_pickle("PK"));
  CHECK_FALSE(is_pickle(""));
}

TEST_CASE("Truncated and damaged checkpoints are refused, whatever was cut") {
  const test::TempDir folder;
  const std::string whole = read_file(checkpoint("state.pth"));
  const fs::path file = folder / "cut.pth";
  for (std::size_t length = 0; length < whole.size(); length += 37) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, length);
    CAPTURE(length);
    CHECK(!torch_state_error(file).empty());
  }
  // A byte of the values: detected by the archive's checksum.
  std::string changed = whole;
  const auto at = changed.find(std::string("\x00\x00\x80\x3f", 4));  // 1.0F
  REQUIRE(at != std::string::npos);
  changed[at + 3] = '\x40';
  std::ofstream(file, std::ios::binary) << changed;
  CHECK(contains(torch_state_error(file), "damaged"));
}

TEST_CASE("Files that are not checkpoints are refused") {
  const test::TempDir folder;
  std::ofstream(folder / "text.pth") << "hello";
  CHECK(contains(torch_state_error(folder / "text.pth"), "zip"));
  CHECK(contains(torch_state_error(folder / "absent.pth"), "zip"));
  CHECK(contains(torch_state_error(checkpoint("arrays.npz")), "data.pkl"));
}
