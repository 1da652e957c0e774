#include "spine/infer/device.h"

#include <algorithm>

#include <ATen/Parallel.h>

#include "spine/core/error.h"
#include "spine/util/processors.h"

namespace spine {

torch::Device choose_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
  int index = 0;
  if (name.rfind("cuda:", 0) == 0) {
    const std::string digits = name.substr(5);
    if (digits.empty() || digits.size() > 3 ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      throw Error(ErrorKind::usage, "device: expected cuda:N, found " + name);
    }
    index = std::stoi(digits);
  } else if (name != "cuda") {
    throw Error(ErrorKind::usage, "device: expected auto, cpu, cuda or cuda:N, found " + name);
  }
  const auto count = static_cast<int>(torch::cuda::device_count());
  if (index >= count) {
    throw Error(ErrorKind::usage, "device: " + name +
                                      " requested, but this machine and LibTorch provide " +
                                      std::to_string(count) + " CUDA devices");
  }
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

void set_network_threads(int threads) { at::set_num_threads(thread_count(threads)); }

void use_channels_last(torch::nn::Module& network) {
  for (auto& parameter : network.parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

}  // namespace spine
