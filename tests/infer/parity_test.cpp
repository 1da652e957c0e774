// Our networks against the public PyTorch implementations, at seeded weights. Their outputs
// are recorded by scripts/record_parity.py, which also lists their sources.
#include <cmath>
#include <filesystem>
#include <string>

#include "support/catch.h"

#include "spine/infer/checkpoint.h"
#include "spine/infer/safetensors.h"
#include "spine/nets/network.h"

using namespace spine;
using torch::Tensor;

namespace {

/// As `hashed` of the script: numbers in [0, 1) from a name, FNV-1a and SplitMix64.
Tensor hashed(const std::string& name, std::int64_t count) {
  std::uint64_t seed = 0xCBF29CE484222325U;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  Tensor numbers = torch::empty({count});
  auto* out = numbers.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t x = seed + static_cast<std::uint64_t>(i + 1) * 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    x ^= x >> 31U;
    out[i] = static_cast<float>(x >> 40U) / static_cast<float>(1U << 24U);
  }
  return numbers;
}

/// As `seeded` of the script.
Tensor seeded(const std::string& name, const Tensor& like) {
  const Tensor u = hashed(name, like.numel()).reshape(like.sizes());
  if (like.dim() == 1) {
    const bool around_one = name.ends_with("weight") || name.ends_with("running_var");
    return around_one ? u + 0.5 : (u - 0.5) * 0.4;
  }
  return (u - 0.5) * std::sqrt(12.0 / static_cast<double>(like[0].numel()));
}

}  // namespace

TEST_CASE("Logits are those of the public implementations") {
  const std::string name = GENERATE("trans_unet", "swin_unet", "unet", "unet_bilinear", "vqgan");
  CAPTURE(name);
  const TensorFile recorded =
      read_safetensors(std::filesystem::path(SPINE_TEST_DATA) / "parity" / (name + ".safetensors"));
  const auto network = make_network(nlohmann::json::parse(recorded.metadata.at("network")), name);
  std::map<std::string, Tensor> state = state_of(*network);
  for (auto& [key, value] : state) value = seeded(key, value);
  load_state_strictly(*network, state, name);
  network->eval();

  const std::int64_t size = network->input_size(), views = network->views();
  const Tensor image = 2 * hashed("input", views * size * size).reshape({1, views, size, size}) - 1;
  const Tensor& expected = recorded.tensors.at("logits");
  REQUIRE(expected.std().item<double>() > 0.1);
  const c10::InferenceMode inference;
  const bool folded = GENERATE(false, true);
  if (folded) network->fold();
  const Tensor logits = network->forward(image);
  REQUIRE(logits.sizes() == expected.sizes());
  const double error = (logits - expected).abs().max().item<double>();
  CHECK(error <= 1e-4 * expected.abs().max().item<double>());
}
