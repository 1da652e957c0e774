#include "spine/infer/checkpoint.h"

#include <algorithm>
#include <sstream>

#include "spine/core/error.h"
#include "spine/infer/input_json.h"
#include "spine/infer/safetensors.h"
#include "spine/nets/json_fields.h"
#include "spine/nets/network_size.h"

namespace spine {
namespace {

constexpr const char* kFormat = "spine-weights/1";

bool is_counter(const std::string& name) {
  static const std::string suffix = "num_batches_tracked";
  return name.size() >= suffix.size() &&
         name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

/// The first few, and how many more there are.
std::string first_of(const std::vector<std::string>& faults) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(faults.size(), kShown); ++i) {
    text += (i == 0 ? "" : "; ") + faults[i];
  }
  if (faults.size() > kShown) text += "; and " + std::to_string(faults.size() - kShown) + " more";
  return text;
}

}  // namespace

std::map<std::string, torch::Tensor> state_of(const torch::nn::Module& network) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& item : network.named_parameters()) state[item.key()] = item.value();
  for (const auto& item : network.named_buffers()) {
    if (!is_counter(item.key())) state[item.key()] = item.value();
  }
  return state;
}

void load_state_strictly(torch::nn::Module& network,
                         const std::map<std::string, torch::Tensor>& tensors,
                         const std::filesystem::path& file) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::weights, "weights: " + file.string() + ": " + what);
  };
  auto state = state_of(network);
  std::vector<std::string> faults;
  for (const auto& [name, target] : state) {
    const auto it = tensors.find(name);
    if (it == tensors.end()) {
      faults.push_back("tensor \"" + name + "\" is missing");
    } else if (it->second.sizes() != target.sizes()) {
      faults.push_back("tensor \"" + name + "\": expected shape " + shape_text(target) +
                       ", found " + shape_text(it->second));
    } else if (!it->second.is_floating_point()) {
      faults.push_back("tensor \"" + name + "\" is not floating point");
    }
  }
  for (const auto& [name, unused] : tensors) {
    if (!state.contains(name) && !is_counter(name)) {
      faults.push_back("unexpected tensor \"" + name + "\"");
    }
  }
  if (!faults.empty()) fail(first_of(faults));
  const torch::NoGradGuard no_grad;
  for (auto& [name, target] : state) target.copy_(tensors.at(name));
}

void save_network(const std::filesystem::path& file, const Network& network,
                  const std::map<std::string, torch::Tensor>& state, const InputSpec& input,
                  const std::vector<std::string>& outputs, torch::ScalarType type) {
  TensorFile content;
  content.metadata["format"] = kFormat;
  content.metadata["architecture"] = network.config().dump();
  content.metadata["input"] = to_json(input).dump();
  content.metadata["outputs"] = nlohmann::json(outputs).dump();
  for (const auto& [name, tensor] : state) {
    content.tensors[name] = tensor.detach().to(torch::kCPU).to(type).contiguous();
  }
  write_safetensors(file, content);
}

void require_enough_values(const std::map<std::string, torch::Tensor>& tensors,
                           const nlohmann::json& architecture, const std::string& where) {
  std::int64_t values = 0;
  for (const auto& [name, tensor] : tensors) values += tensor.numel();
  const std::int64_t fewest = fewest_parameters(architecture, where);
  if (values >= fewest) return;
  throw Error(ErrorKind::weights, where + ": expected at least " + std::to_string(fewest) +
                                      " values for the architecture, found " +
                                      std::to_string(values));
}

LoadedNetwork load_network(const std::filesystem::path& file) {
  const TensorFile content = read_safetensors(file);
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::weights, "weights: " + file.string() + ": " + what);
  };
  const auto metadata = [&](const std::string& key) {
    const auto it = content.metadata.find(key);
    if (it == content.metadata.end()) {
      fail("no \"" + key + "\" in the metadata; expected a file written by spine-train");
    }
    return it->second;
  };
  if (metadata("format") != kFormat) {
    fail(std::string("expected format ") + kFormat + ", found " + metadata("format"));
  }
  LoadedNetwork loaded;
  try {
    const nlohmann::json architecture = parse_json(metadata("architecture"));
    require_enough_values(content.tensors, architecture, "architecture");
    loaded.network = make_network(architecture, "architecture");
    loaded.input = input_spec_from_json(parse_json(metadata("input")), "input");
    loaded.outputs = parse_json(metadata("outputs")).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    fail("the metadata are not valid JSON");
  } catch (const Error& error) {
    fail(error.what());
  }
  if (loaded.input.size != loaded.network->input_size() ||
      static_cast<std::int64_t>(loaded.input.views.size()) != loaded.network->views()) {
    fail("the input does not fit the architecture");
  }
  if (static_cast<std::int64_t>(loaded.outputs.size()) != loaded.network->classes()) {
    fail("expected " + std::to_string(loaded.network->classes()) + " output names, found " +
         std::to_string(loaded.outputs.size()));
  }
  load_state_strictly(*loaded.network, content.tensors, file);
  loaded.network->eval();
  return loaded;
}

}  // namespace spine
