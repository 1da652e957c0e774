#include "spine/infer/checkpoint.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include "tiny_network.h"

#include "spine/core/error.h"
#include "spine/infer/safetensors.h"

using namespace spine::test;

TEST_CASE("A saved network comes back with the same logits") {
  const TempDir folder;
  const auto network = tiny_network(1);
  save_network(folder / "n.safetensors", *network, state_of(*network), tiny_input(),
               structure_names(), torch::kFloat);
  const auto loaded = spine::load_network(folder / "n.safetensors");
  CHECK(loaded.outputs == structure_names());
  CHECK(loaded.input.views == tiny_input().views);
  CHECK_FALSE(loaded.network->is_training());
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 2, 64, 64});
  CHECK(torch::equal(loaded.network->forward(x), network->forward(x)));
}

TEST_CASE("Half precision is widened and stays close") {
  const TempDir folder;
  const auto network = tiny_network(2);
  save_network(folder / "n.safetensors", *network, state_of(*network), tiny_input(),
               structure_names(), torch::kHalf);
  const auto loaded = spine::load_network(folder / "n.safetensors");
  for (const auto& parameter : loaded.network->parameters()) {
    CHECK(parameter.scalar_type() == torch::kFloat);
  }
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 2, 64, 64});
  CHECK(torch::allclose(loaded.network->forward(x), network->forward(x), 0.02, 0.05));
}

TEST_CASE("A missing, an extra and a mis-shaped key are named") {
  const auto network = tiny_network(3);
  const std::string key = "decoder.blocks.0.conv1.0.weight";
  const auto good = state_of(*network);

  auto tensors = good;
  tensors.erase(key);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          load_state_strictly(*network, tensors, "f");
        }) == "weights: f: tensor \"" + key + "\" is missing");
  tensors = good;
  tensors["decoder.extra"] = torch::zeros({1});
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          load_state_strictly(*network, tensors, "f");
        }) == "weights: f: unexpected tensor \"decoder.extra\"");
  tensors = good;
  tensors[key] = torch::zeros({8, 72, 3, 1});
  CHECK(
      message_of(spine::ErrorKind::weights, [&] { load_state_strictly(*network, tensors, "f"); }) ==
      "weights: f: tensor \"" + key + "\": expected shape [8, 72, 3, 3], found [8, 72, 3, 1]");
  tensors = good;
  tensors[key] = torch::zeros({8, 72, 3, 3}, torch::kLong);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          load_state_strictly(*network, tensors, "f");
        }).find("floating") != std::string::npos);
  // Counters of published checkpoints are not needed.
  tensors = good;
  tensors["decoder.conv_more.1.num_batches_tracked"] = torch::zeros({}, torch::kLong);
  CHECK_NOTHROW(load_state_strictly(*network, tensors, "f"));
}

TEST_CASE("Foreign and contradictory files are refused") {
  const TempDir folder;
  const auto file = folder / "n.safetensors";
  spine::write_safetensors(file, {{{"x", torch::zeros({1})}}, {}});
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("no \"format\"") != std::string::npos);

  const auto network = tiny_network(4);
  save_network(file, *network, state_of(*network), tiny_input(), {"one"}, torch::kFloat);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("expected 8 output names, found 1") != std::string::npos);
  auto input = tiny_input();
  input.size = 128;
  save_network(file, *network, state_of(*network), input, structure_names(), torch::kFloat);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("does not fit") != std::string::npos);

  save_network(file, *network, state_of(*network), tiny_input(), structure_names(), torch::kFloat);
  auto content = spine::read_safetensors(file);
  content.metadata["architecture"] = R"({"architecture": "u_net"})";
  spine::write_safetensors(file, content);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("unknown architecture \"u_net\"") != std::string::npos);
  content.metadata["architecture"] =
      R"({"architecture": "vqgan", "codes": 1048576, "embed": 4096})";
  spine::write_safetensors(file, content);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("expected at least 4") != std::string::npos);
  content.metadata["architecture"] = std::string(100'000, '[');
  spine::write_safetensors(file, content);
  CHECK(message_of(spine::ErrorKind::weights, [&] { spine::load_network(file); }).find("levels") !=
        std::string::npos);
  content.metadata["architecture"] = "{";
  spine::write_safetensors(file, content);
  CHECK(message_of(spine::ErrorKind::weights, [&] {
          spine::load_network(file);
        }).find("not valid JSON") != std::string::npos);
}
