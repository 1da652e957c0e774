#include "spine/train/run_state.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/device.h"
#include "spine/infer/vit_npz.h"
#include "spine/infer/weights_import.h"
#include "spine/util/atomic_file.h"

namespace spine::train {
namespace {

using torch::Tensor;

/// Keyed by position in the order of names: archives do not allow names with dots.
void write_tensors(torch::serialize::OutputArchive& archive, const std::string& key,
                   const std::map<std::string, Tensor>& tensors) {
  torch::serialize::OutputArchive part;
  std::int64_t i = 0;
  for (const auto& [name, tensor] : tensors) part.write(std::to_string(i++), tensor);
  archive.write(key, part);
}

void read_tensors(torch::serialize::InputArchive& archive, const std::string& key,
                  std::map<std::string, Tensor>& tensors) {
  torch::serialize::InputArchive part;
  archive.read(key, part);
  std::int64_t i = 0;
  const torch::NoGradGuard no_grad;
  for (auto& [name, target] : tensors) {
    Tensor tensor;
    part.read(std::to_string(i++), tensor);
    TORCH_CHECK(tensor.sizes() == target.sizes(), "shape of ", name);
    target.copy_(tensor);
  }
}

void write_optimizer(torch::serialize::OutputArchive& archive, const std::string& key,
                     const torch::optim::Optimizer& optimizer) {
  torch::serialize::OutputArchive part;
  optimizer.save(part);
  archive.write(key, part);
}

void read_optimizer(torch::serialize::InputArchive& archive, const std::string& key,
                    torch::optim::Optimizer& optimizer) {
  torch::serialize::InputArchive part;
  archive.read(key, part);
  optimizer.load(part);
}

/// Initial weights: of a whole network, or of a ViT (.npz) for the encoder of a TransUNet whose
/// other weights are random.
std::map<std::string, Tensor> starting_tensors(const Network& network,
                                               const std::filesystem::path& file) {
  ForeignWeights given = read_foreign_weights(file);
  if (given.format != "NumPy archive") {
    network.translate_state(given.tensors);
    return std::move(given.tensors);
  }
  auto tensors = trans_unet_encoder(given.tensors, "weights: " + file.string());
  for (const auto& [name, value] : state_of(network)) tensors.emplace(name, value);
  return tensors;
}

at::Generator default_generator(const torch::Device& device) {
  if (device.is_cpu()) return at::detail::getDefaultCPUGenerator();
  return at::globalContext().defaultGenerator(device);
}

Tensor generator_state(const torch::Device& device) {
  at::Generator generator = default_generator(device);
  const std::scoped_lock lock(generator.mutex());
  return generator.get_state();
}

void set_generator_state(const torch::Device& device, const Tensor& state) {
  at::Generator generator = default_generator(device);
  const std::scoped_lock lock(generator.mutex());
  generator.set_state(state);
}

torch::Device device_of(const RunState& state) {
  return state.network->parameters().at(0).device();
}

}  // namespace

void RunState::update_average(double decay) {
  const torch::NoGradGuard no_grad;
  const double now = static_cast<double>(step);
  const double weight = 1.0 - std::min(decay, (1.0 + now) / (10.0 + now));
  for (const auto& [name, value] : state_of(*network)) average.at(name).lerp_(value, weight);
}

void RunState::keep_best(double score) {
  best_score = score;
  best_step = step;
  best.clear();
  for (const auto& [name, tensor] : average) {
    best[name] = tensor.detach().to(torch::kCPU).to(torch::kHalf).contiguous();
  }
}

RngStateGuard::RngStateGuard(const torch::Device& device)
    : device_(device), cpu_(generator_state(torch::kCPU)) {
  if (!device_.is_cpu()) own_ = generator_state(device_);
}

RngStateGuard::~RngStateGuard() {
  set_generator_state(torch::kCPU, cpu_);
  if (own_.defined()) set_generator_state(device_, own_);
}

RunState make_run_state(const nlohmann::json& network, const std::string& network_file,
                        const torch::Device& device, double weight_decay,
                        const std::filesystem::path& start) {
  RunState state;
  state.network = make_network(network, network_file);
  if (!start.empty()) {
    auto tensors = starting_tensors(*state.network, start);
    state.network->adapt_state(tensors);
    load_state_strictly(*state.network, tensors, start);
  }
  state.network->to(device);
  if (state.network->coarse_channels() > 0) {
    state.coarse_head = torch::nn::Conv2d(
        torch::nn::Conv2dOptions(state.network->coarse_channels(), state.network->classes(), 1));
    const torch::NoGradGuard no_grad;
    state.coarse_head->bias.fill_(-3.0);
    state.coarse_head->to(device);
  }
  use_channels_last(*state.network);
  state.network->train();

  // No weight decay for norms and biases.
  std::vector<Tensor> decayed;
  std::vector<Tensor> free;
  auto parameters = state.network->parameters();
  if (state.coarse_head) {
    for (const auto& parameter : state.coarse_head->parameters()) parameters.push_back(parameter);
  }
  for (const auto& parameter : parameters) {
    (parameter.dim() > 1 ? decayed : free).push_back(parameter);
  }
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decayed, std::make_unique<torch::optim::AdamWOptions>(
                                   torch::optim::AdamWOptions(1e-3).weight_decay(weight_decay)));
  groups.emplace_back(free, std::make_unique<torch::optim::AdamWOptions>(
                                torch::optim::AdamWOptions(1e-3).weight_decay(0)));
  state.optimizer = std::make_unique<torch::optim::AdamW>(groups);
  for (const auto& [name, value] : state_of(*state.network)) {
    state.average[name] = value.detach().clone();
  }
  return state;
}

namespace {

/// A failure is thrown when LibTorch is done: its writer writes again while it is destroyed.
void write_archive(torch::serialize::OutputArchive& archive, AtomicFile& out) {
  std::exception_ptr failure;
  archive.save_to([&](const void* bytes, std::size_t count) {
    try {
      if (!failure) out.write(std::span(static_cast<const std::byte*>(bytes), count));
    } catch (...) {
      failure = std::current_exception();
    }
    return count;
  });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void save_run_state(const std::filesystem::path& file, const RunState& state) {
  try {
    torch::serialize::OutputArchive archive;
    write_tensors(archive, "network", state_of(*state.network));
    write_tensors(archive, "average", state.average);
    if (state.coarse_head) write_tensors(archive, "coarse_head", state_of(*state.coarse_head));
    write_optimizer(archive, "optimizer", *state.optimizer);
    if (state.helper) write_tensors(archive, "helper", state_of(*state.helper));
    if (state.helper_optimizer) {
      write_optimizer(archive, "helper_optimizer", *state.helper_optimizer);
    }
    if (!state.best.empty()) write_tensors(archive, "best", state.best);
    const nlohmann::json info = {{"architecture", state.network->config()},
                                 {"step", state.step},
                                 {"seconds", state.seconds},
                                 {"best_score", state.best_score},
                                 {"best_step", state.best_step},
                                 {"curve", state.curve}};
    archive.write("info", c10::IValue(info.dump()));
    archive.write("generator", generator_state(torch::kCPU));
    const torch::Device device = device_of(state);
    if (!device.is_cpu()) archive.write("device_generator", generator_state(device));
    AtomicFile out(file);
    write_archive(archive, out);
    out.commit();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorKind::output,
                "training: cannot write " + file.string() + ": " +
                    std::string(error.what()).substr(0, std::string(error.what()).find('\n')));
  }
}

void load_run_state(const std::filesystem::path& file, RunState& state) {
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(file.string());
    c10::IValue info_value;
    archive.read("info", info_value);
    const nlohmann::json info = nlohmann::json::parse(info_value.toStringRef());
    if (info.at("architecture") != state.network->config()) {
      throw Error(ErrorKind::unreadable, "it was written by a network of another configuration");
    }
    auto weights = state_of(*state.network);
    read_tensors(archive, "network", weights);
    read_tensors(archive, "average", state.average);
    if (state.coarse_head) {
      auto head = state_of(*state.coarse_head);
      read_tensors(archive, "coarse_head", head);
    }
    read_optimizer(archive, "optimizer", *state.optimizer);
    if (state.helper) {
      auto helper = state_of(*state.helper);
      read_tensors(archive, "helper", helper);
    }
    if (state.helper_optimizer) {
      read_optimizer(archive, "helper_optimizer", *state.helper_optimizer);
    }
    Tensor generator;
    archive.read("generator", generator);
    set_generator_state(torch::kCPU, generator);
    const torch::Device device = device_of(state);
    Tensor own;
    if (!device.is_cpu() && archive.try_read("device_generator", own)) {
      set_generator_state(device, own);
    }
    state.step = info.at("step").get<std::uint64_t>();
    state.seconds = info.at("seconds").get<double>();
    state.best_score = info.at("best_score").get<double>();
    state.best_step = info.value("best_step", std::uint64_t{0});
    state.best.clear();
    if (state.best_step > 0) {
      for (const auto& [name, value] : state.average) {
        state.best[name] = torch::empty(value.sizes(), torch::kHalf);
      }
      read_tensors(archive, "best", state.best);
    }
    state.curve = info.at("curve");
  } catch (const std::exception& error) {
    const std::string text = error.what();
    throw Error(ErrorKind::unreadable, "training: cannot resume from " + file.string() + ": " +
                                           text.substr(0, text.find('\n')));
  }
}

}  // namespace spine::train
