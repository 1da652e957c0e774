#include "spine/infer/weights_import.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include "tiny_network.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/safetensors.h"

using namespace spine;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

/// A third-party file with only the tensors of a network.
fs::path write_state(const fs::path& file, const Network& network) {
  TensorFile content;
  for (const auto& [name, tensor] : state_of(network)) {
    content.tensors[name] = tensor.detach().clone();
  }
  write_safetensors(file, content);
  return file;
}

std::string import_error(const fs::path& file, const ImportOptions& options) {
  const TempDir folder;
  try {
    import_weights(file, folder / "out.safetensors", options);
  } catch (const Error& error) {
    CHECK(!fs::exists(folder / "out.safetensors"));
    return error.what();
  }
  return "";
}

const nlohmann::json kWithoutPen = {{"enabled", false}};

}  // namespace

TEST_CASE("A network is inferred from names and shapes") {
  const auto config = GENERATE(
      nlohmann::json{
          {"architecture", "trans_unet"},
          {"input_size", 96},
          {"views", 3},
          {"classes", 5},
          {"pen", kWithoutPen},
          {"resnet", {{"width", 32}, {"blocks", {1, 2, 1}}}},
          {"vit", {{"hidden", 128}, {"mlp", 64}, {"blocks", 3}, {"heads", 2}}},
          {"decoder",
           {{"head", 16}, {"widths", {8, 8, 8, 8}}, {"skips", {true, false, true, false}}}}},
      nlohmann::json{{"architecture", "unet"},
                     {"views", 2},
                     {"classes", 4},
                     {"pen", {{"channels", 5}}},
                     {"width", 2},
                     {"bilinear", true}},
      nlohmann::json{{"architecture", "swin_unet"},
                     {"input_size", 96},
                     {"views", 3},
                     {"pen", kWithoutPen},
                     {"embed", 8},
                     {"depths", {1, 2, 1, 1}},
                     {"heads", {1, 2, 4, 8}},
                     {"window", 3}},
      nlohmann::json{{"architecture", "vqgan"},
                     {"width", 32},
                     {"multipliers", {1, 2}},
                     {"blocks", 1},
                     {"attention", {128}},
                     {"latent", 8},
                     {"embed", 4},
                     {"codes", 16}});
  CAPTURE(config.dump());
  const auto network = make_network(config, "test");
  const auto guessed = guess_network(state_of(*network));
  REQUIRE(guessed);
  nlohmann::json expected = network->config();
  nlohmann::json complete = make_network(*guessed, "guess")->config();
  // Not determined by shapes.
  for (auto* json : {&expected, &complete}) {
    for (const char* key : {"drop_path", "dropout", "commitment"}) json->erase(key);
  }
  CHECK(complete == expected);
  CHECK(!guess_network({{"other", torch::zeros({1})}}));
}

TEST_CASE("Imported weights give the same logits, with their input and outputs") {
  const TempDir folder;
  torch::manual_seed(3);
  const nlohmann::json config = {{"architecture", "unet"},
                                 {"input_size", 32},
                                 {"views", 3},
                                 {"pen", kWithoutPen},
                                 {"width", 2}};
  const auto network = make_network(config, "test");
  network->eval();
  const fs::path file = write_state(folder / "foreign.safetensors", *network);
  ImportOptions options;
  options.input_size = 32;
  options.views = {"clahe"};
  options.mean = 0.25;
  const auto used = import_weights(file, folder / "ours.safetensors", options);
  CHECK(used == network->config());
  const LoadedNetwork loaded = load_network(folder / "ours.safetensors");
  CHECK(loaded.input.views == std::vector<std::string>(3, "clahe"));
  CHECK(loaded.input.mean == 0.25);
  CHECK(loaded.outputs == structure_names());
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 3, 32, 32});
  CHECK(torch::equal(loaded.network->forward(x), network->forward(x)));
}

TEST_CASE("Missing and surplus keys, wrong class counts and views are refused") {
  const TempDir folder;
  const nlohmann::json config = {
      {"architecture", "unet"}, {"views", 3}, {"pen", kWithoutPen}, {"width", 2}, {"classes", 9}};
  const auto network = make_network(config, "test");
  const fs::path nine = write_state(folder / "nine.safetensors", *network);
  CHECK(contains(import_error(nine, {}), "expected 8 output channels (L1 ... F2), found 9"));
  ImportOptions named;
  named.outputs = {"a", "b"};
  CHECK(contains(import_error(nine, named), "expected 2 output channels, as specified, found 9"));
  named.outputs.assign(9, "x");
  named.views = {"original", "clahe"};
  CHECK(contains(import_error(nine, named), "takes 3 views, 2 are specified"));
  named.views = {"original"};
  named.network = config;
  named.network["classes"] = 8;
  named.outputs.clear();
  CHECK(contains(import_error(nine, named), "outc.conv.weight\": expected shape [8, 2, 1, 1]"));

  TensorFile content = read_safetensors(nine);
  content.tensors.erase("inc.double_conv.1.bias");
  content.tensors["surplus"] = torch::ones({2});
  write_safetensors(folder / "other.safetensors", content);
  ImportOptions nine_names;
  nine_names.outputs.assign(9, "x");
  const std::string message = import_error(folder / "other.safetensors", nine_names);
  CHECK(contains(message, "\"inc.double_conv.1.bias\" is missing"));
  CHECK(contains(message, "unexpected tensor \"surplus\""));
}

TEST_CASE("File formats are detected by content") {
  const fs::path folder = fs::path(SPINE_TEST_DATA) / "checkpoints";
  CHECK(read_foreign_weights(folder / "state.pth").format == "PyTorch checkpoint");
  CHECK(read_foreign_weights(folder / "arrays.npz").format == "NumPy archive");
  CHECK_THROWS_AS(read_foreign_weights(folder / "legacy.pth"), Error);
  CHECK_THROWS_AS(read_foreign_weights(folder / "absent.pth"), Error);
  CHECK_THROWS_AS(read_foreign_weights(folder / "make.py"), Error);
  CHECK(contains(import_error(folder / "state.pth", {}), "names match no supported network"));
}
