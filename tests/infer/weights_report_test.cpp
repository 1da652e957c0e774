#include "spine/infer/weights_report.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include "tiny_network.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/safetensors.h"

using namespace spine;
using namespace spine::test;

TEST_CASE("A weights file is described: network, hash, every tensor") {
  const TempDir folder;
  const auto network = tiny_network(1);
  save_network(folder / "n.safetensors", *network, state_of(*network), tiny_input(),
               structure_names(), torch::kHalf);
  const std::string text = describe_weights(folder / "n.safetensors");
  CHECK(contains(text, "format     safetensors"));
  CHECK(contains(text, "\"architecture\":\"trans_unet\""));
  CHECK(contains(text, "[\"L1\",\"L2\""));
  CHECK(contains(text, "half     8 x 3 x 7 x 7"));

  const std::string foreign =
      describe_weights(std::filesystem::path(SPINE_TEST_DATA) / "checkpoints" / "state.pth");
  CHECK(contains(foreign, "format     PyTorch checkpoint"));
  CHECK(contains(foreign, "match no supported network"));
  CHECK(contains(foreign, "counter  long     scalar"));
}

TEST_CASE("Logits are compared with recorded ones, and differences detected") {
  const TempDir folder;
  const auto network = tiny_network(2);
  network->eval();
  save_network(folder / "n.safetensors", *network, state_of(*network), tiny_input(),
               structure_names(), torch::kFloat);
  const torch::NoGradGuard no_grad;
  TensorFile record;
  record.tensors["input"] = torch::randn({1, 2, 64, 64});
  record.tensors["logits"] = network->forward(record.tensors["input"]).contiguous();
  write_safetensors(folder / "r.safetensors", record);
  const Parity same = compare_with_recorded(folder / "n.safetensors", folder / "r.safetensors");
  CHECK(same.largest_error < 1e-5);
  CHECK(same.sign_agreement == Approx(1).margin(1e-3));

  record.tensors["logits"] = -record.tensors["logits"];
  write_safetensors(folder / "r.safetensors", record);
  const Parity other = compare_with_recorded(folder / "n.safetensors", folder / "r.safetensors");
  CHECK(other.largest_error > 1);
  CHECK(other.sign_agreement < 0.5);

  record.tensors["input"] = torch::randn({1, 2, 32, 32});
  write_safetensors(folder / "r.safetensors", record);
  CHECK_THROWS_AS(compare_with_recorded(folder / "n.safetensors", folder / "r.safetensors"), Error);
  record.tensors.erase("input");
  write_safetensors(folder / "r.safetensors", record);
  CHECK_THROWS_AS(compare_with_recorded(folder / "n.safetensors", folder / "r.safetensors"), Error);
}

TEST_CASE("Weights that give non-finite outputs are detected") {
  const TempDir folder;
  const auto network = tiny_network(3);
  save_network(folder / "n.safetensors", *network, state_of(*network), tiny_input(),
               structure_names(), torch::kFloat);
  CHECK_NOTHROW(check_weights(folder / "n.safetensors"));
  auto state = state_of(*network);
  for (auto& [name, tensor] : state) {
    if (name.rfind("segmentation_head", 0) == 0) {
      tensor = torch::full_like(tensor, std::numeric_limits<float>::quiet_NaN());
    }
  }
  save_network(folder / "n.safetensors", *network, state, tiny_input(), structure_names(),
               torch::kFloat);
  CHECK_THROWS_AS(check_weights(folder / "n.safetensors"), Error);
}
