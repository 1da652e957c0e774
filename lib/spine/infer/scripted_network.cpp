#include "spine/infer/scripted_network.h"

#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include <torch/script.h>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/nets/json_fields.h"

namespace spine {
namespace {

/// Content of the JSON file of a module.
struct Description {
  InputSpec input;
  std::vector<std::string> outputs;
};

class ScriptedNetwork : public Network {
 public:
  ScriptedNetwork(const torch::jit::Module& module, Description description)
      : module_(module), description_(std::move(description)) {
    module_.eval();
  }

  NetworkOutput forward_features(const torch::Tensor& views) override {
    require_input(views);
    if (views.device() != device_) {  // moving this network does not move the module
      module_.to(views.device());
      device_ = views.device();
    }
    torch::jit::IValue answer = module_.forward({views.contiguous()});
    // Some modules return a tuple, the logits first.
    if (answer.isTuple() && !answer.toTuple()->elements().empty()) {
      answer = answer.toTuple()->elements()[0];
    }
    TORCH_CHECK(answer.isTensor(), "torchscript: expected a tensor as output");
    NetworkOutput output;
    output.logits = answer.toTensor();
    TORCH_CHECK(output.logits.dim() == 4 && output.logits.size(0) == views.size(0) &&
                    output.logits.size(1) == classes() && output.logits.size(2) == input_size() &&
                    output.logits.size(3) == input_size(),
                "torchscript: expected logits [N, ", classes(), ", ", input_size(), ", ",
                input_size(), "], found ", output.logits.sizes());
    return output;
  }
  void fold() override {}
  [[nodiscard]] nlohmann::json config() const override {
    return {{"architecture", "torchscript"},
            {"input_size", input_size()},
            {"views", views()},
            {"classes", classes()}};
  }
  [[nodiscard]] std::int64_t input_size() const override { return description_.input.size; }
  [[nodiscard]] std::int64_t views() const override {
    return static_cast<std::int64_t>(description_.input.views.size());
  }
  [[nodiscard]] std::int64_t classes() const override {
    return static_cast<std::int64_t>(description_.outputs.size());
  }

 private:
  torch::jit::Module module_;
  Description description_;
  torch::Device device_{torch::kCPU};
};

Description read_description(const std::filesystem::path& module) {
  const std::filesystem::path file = std::filesystem::path(module).replace_extension(".json");
  const std::string where = "weights: " + file.string();
  std::ifstream in(file);
  if (!in) {
    throw Error(ErrorKind::weights,
                where + ": expected it beside " + module.filename().string() +
                    ", with input_size, views, mean, std and outputs; found none");
  }
  Description description;
  try {
    const nlohmann::json json = parse_json(in);
    JsonFields fields(json, where);
    fields.required("input_size", description.input.size);
    fields.required("views", description.input.views);
    fields.required("mean", description.input.mean);
    fields.required("std", description.input.std);
    for (const Structure s : kStructures) description.outputs.emplace_back(to_string(s));
    fields.optional("outputs", description.outputs);
    fields.finish();
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::weights, where + ": not valid JSON");
  } catch (const Error& error) {
    throw Error(ErrorKind::weights, error.what());
  }
  const InputSpec& input = description.input;
  if (input.size < 16 || input.size > 4096 || input.views.empty() || !(input.std > 0) ||
      description.outputs.empty()) {
    throw Error(ErrorKind::weights, where +
                                        ": expected input_size in [16, 4096], views, a std above "
                                        "zero and outputs");
  }
  return description;
}

}  // namespace

LoadedNetwork load_scripted(const std::filesystem::path& file) {
  LoadedNetwork loaded;
  Description description = read_description(file);
  loaded.input = description.input;
  loaded.outputs = description.outputs;
  try {
    loaded.network = std::make_shared<ScriptedNetwork>(torch::jit::load(file.string(), torch::kCPU),
                                                       std::move(description));
    const c10::InferenceMode inference;
    const std::int64_t size = loaded.network->input_size();
    loaded.network->forward(torch::zeros({1, loaded.network->views(), size, size}));
  } catch (const std::exception& error) {  // c10::Error, and exceptions of the module's own code
    std::istringstream lines(error.what());
    std::string first;
    std::getline(lines, first);
    throw Error(ErrorKind::weights,
                "weights: " + file.string() +
                    ": expected a TorchScript module as its JSON describes: " + first);
  }
  return loaded;
}

}  // namespace spine
