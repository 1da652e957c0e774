#include "spine/infer/weights_report.h"

#include <algorithm>
#include <sstream>

#include <torch/torch.h>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/input_json.h"
#include "spine/infer/safetensors.h"
#include "spine/infer/weights_import.h"
#include "spine/util/sha256.h"
#include "spine/util/text.h"

namespace spine {
namespace {

using torch::Tensor;

std::string shape_text(const Tensor& tensor) {
  std::string text;
  for (const auto n : tensor.sizes()) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text.empty() ? "scalar" : text;
}

std::string type_text(const Tensor& tensor) {
  std::ostringstream out;
  out << tensor.scalar_type();
  return lower_case(out.str());
}

void describe_network(const ForeignWeights& weights, std::ostream& out) {
  if (const auto known = weights.metadata.find("architecture"); known != weights.metadata.end()) {
    out << "network    " << known->second << "\n";
    for (const char* key : {"input", "outputs"}) {
      if (const auto text = weights.metadata.find(key); text != weights.metadata.end()) {
        out << key << std::string(11 - std::string(key).size(), ' ') << text->second << "\n";
      }
    }
  } else if (const auto guess = guess_network(weights.tensors)) {
    out << "network    " << guess->dump() << "\n           (inferred from names and shapes)\n";
  } else {
    out << "network    unknown: names match no supported network\n";
  }
}

}  // namespace

std::string describe_weights(const std::filesystem::path& file) {
  const ForeignWeights weights = read_foreign_weights(file);
  std::ostringstream out;
  std::int64_t values = 0;
  std::size_t longest = 0;
  for (const auto& [name, tensor] : weights.tensors) {
    values += tensor.numel();
    longest = std::max(longest, name.size());
  }
  out << "file       " << file.string() << "\nformat     " << weights.format << "\nsha256     "
      << sha256_of_file(file) << "\n";
  describe_network(weights, out);
  out << "tensors    " << weights.tensors.size() << ", " << values << " values\n\n";
  for (const auto& [name, tensor] : weights.tensors) {
    const std::string type = type_text(tensor);
    out << name << std::string(longest - name.size() + 2, ' ') << type
        << std::string(type.size() < 9 ? 9 - type.size() : 1, ' ') << shape_text(tensor) << "\n";
  }
  return out.str();
}

Parity compare_with_recorded(const std::filesystem::path& weights,
                             const std::filesystem::path& recorded) {
  const LoadedNetwork loaded = load_network(weights);
  const TensorFile record = read_safetensors(recorded);
  const auto tensor = [&](const std::string& name) {
    const auto found = record.tensors.find(name);
    if (found == record.tensors.end()) {
      throw Error(ErrorKind::weights,
                  "weights: " + recorded.string() + ": no tensor \"" + name + "\"");
    }
    return found->second.to(torch::kFloat);
  };
  const Tensor input = tensor("input"), expected = tensor("logits");
  const std::int64_t size = loaded.network->input_size();
  if (input.dim() != 4 || input.size(1) != loaded.network->views() || input.size(2) != size ||
      input.size(3) != size) {
    throw Error(ErrorKind::weights, "weights: " + recorded.string() +
                                        ": the recorded input does not fit the network of " +
                                        weights.string());
  }
  const c10::InferenceMode inference;
  loaded.network->fold();
  const Tensor logits = loaded.network->forward(input);
  if (logits.sizes() != expected.sizes()) {
    throw Error(ErrorKind::weights, "weights: " + recorded.string() + ": expected logits of " +
                                        shape_text(logits) + ", found " + shape_text(expected));
  }
  return {
      .largest_error = (logits - expected).abs().max().item<double>() /
                       std::max(1e-30, expected.abs().max().item<double>()),
      .sign_agreement = ((logits > 0) == (expected > 0)).to(torch::kFloat).mean().item<double>()};
}

void check_weights(const std::filesystem::path& weights) {
  const LoadedNetwork loaded = load_network(weights);
  const std::int64_t size = loaded.network->input_size();
  const c10::InferenceMode inference;
  loaded.network->fold();
  torch::manual_seed(1);
  const Tensor answer =
      loaded.network->forward(torch::randn({1, loaded.network->views(), size, size}));
  if (!torch::isfinite(answer).all().item<bool>()) {
    throw Error(ErrorKind::weights,
                "weights: " + weights.string() + ": the network's output is not finite");
  }
}

}  // namespace spine
