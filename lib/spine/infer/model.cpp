#include "spine/infer/model.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/device.h"
#include "spine/infer/manifest.h"
#include "spine/infer/scripted_network.h"
#include "spine/infer/tensor_convert.h"
#include "spine/nets/precision.h"

namespace spine {
namespace {

void check_entry(const NamedWeights& source, const LoadedNetwork& loaded) {
  const auto& entry = *source.entry;
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::weights, "weights: " + source.file.string() + ": " + what +
                                        " differs from the manifest's entry " + entry.name);
  };
  if (entry.architecture != loaded.network->config()) fail("the architecture");
  if (entry.outputs != loaded.outputs) fail("the list of outputs");
  if (entry.input.size != loaded.input.size || entry.input.views != loaded.input.views ||
      entry.input.mean != loaded.input.mean || entry.input.std != loaded.input.std) {
    fail("the input");
  }
}

/// Whether a LibTorch error reports insufficient memory, of the accelerator or of the host.
bool is_out_of_memory(const std::string& message) {
  for (const char* phrase : {"out of memory", "not enough memory", "can't allocate memory"}) {
    if (message.find(phrase) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

struct Model::Impl {
  ModelInfo info;
  std::shared_ptr<Network> network;
  torch::Device device{torch::kCPU};
  Precision precision = Precision::fp32;
  std::unique_ptr<WindowQueue> queue;  ///< GPU only

  void require_planes(const Windows& windows) const;
  [[nodiscard]] Windows compute(const Windows& windows) const;
};

void Model::Impl::require_planes(const Windows& windows) const {
  const auto& input = info.input;
  for (const auto& planes : windows) {
    if (planes.size() != input.views.size()) {
      throw Error(ErrorKind::internal, "network input: expected " +
                                           std::to_string(input.views.size()) + " planes, found " +
                                           std::to_string(planes.size()));
    }
    for (const auto& plane : planes) {
      if (plane.size() != cv::Size(input.size, input.size)) {
        throw Error(ErrorKind::internal,
                    "network input: expected planes of " + std::to_string(input.size) + " pixels");
      }
    }
  }
}

Windows Model::Impl::compute(const Windows& windows) const {
  const c10::InferenceMode inference;
  try {
    torch::Tensor planes = tensor_from_planes(windows).to(device);
    planes = planes.sub_(info.input.mean)
                 .div_(info.input.std)
                 .contiguous(at::MemoryFormat::ChannelsLast);
    const MixedPrecision mixed(precision, device);
    const NoDenormals no_denormals;
    return planes_from_tensor(network->forward(planes));
  } catch (const c10::Error& error) {
    if (!is_out_of_memory(error.what())) throw;
    throw Error(ErrorKind::out_of_memory, "network: out of memory with " +
                                              std::to_string(windows.size()) + " windows on " +
                                              info.device);
  }
}

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Model Model::load(const std::string& weights, const std::filesystem::path& manifest,
                  const DeviceOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->device = choose_device(options.device);
  impl->precision = choose_precision(options.precision, impl->device, Purpose::inference);
  set_network_threads(1);

  const NamedWeights source = find_weights(weights, manifest);
  const bool scripted = source.file.extension() == ".pt";
  const LoadedNetwork loaded = scripted ? load_scripted(source.file) : load_network(source.file);
  if (source.entry) check_entry(source, loaded);

  impl->network = loaded.network;
  impl->network->to(impl->device);
  use_channels_last(*impl->network);
  impl->network->fold();
  for (auto& parameter : impl->network->parameters()) parameter.requires_grad_(false);
  impl->info = {.name = source.name,
                .architecture = loaded.network->config().at("architecture").get<std::string>(),
                .sha256 = source.sha256,
                .device = impl->device.str(),
                .precision = std::string(to_string(impl->precision)),
                .file = source.file,
                .input = loaded.input,
                .outputs = loaded.outputs};
  if (!impl->device.is_cpu()) {
    impl->queue = std::make_unique<WindowQueue>(
        [model = impl.get()](const Windows& windows) { return model->compute(windows); },
        static_cast<std::size_t>(std::max(1, options.batch)));
  }
  return Model(std::move(impl));
}

const ModelInfo& Model::info() const { return impl_->info; }

Windows Model::run(const Windows& windows) const {
  impl_->require_planes(windows);
  if (windows.empty()) return {};
  return impl_->queue ? impl_->queue->run(windows) : impl_->compute(windows);
}

}  // namespace spine
