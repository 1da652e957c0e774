#include "spine/train/benchmark.h"

#include <chrono>

#include <torch/torch.h>

#include "spine/infer/device.h"
#include "spine/nets/precision.h"
#include "spine/train/run_state.h"
#include "spine/train/segmentation_step.h"
#include "spine/util/processors.h"

namespace spine::train {
namespace {

template <typename Work>
double mean_seconds(int warm_up, int repeats, Work&& work) {
  for (int i = 0; i < warm_up; ++i) work();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / repeats;
}

}  // namespace

Speed measure_speed(const SegmentationOptions& options, int steps) {
  const torch::Device device = choose_device(options.device);
  const Precision precision = choose_precision(options.precision, device, Purpose::training);
  const int automatic = device.is_cpu() ? shards_for_films(options.batch) : 1;
  const int count = options.shards > 0 ? options.shards : automatic;
  set_network_threads(count > 1 ? 1 : options.threads);
  torch::manual_seed(1);
  RunState state =
      make_run_state(options.network, options.network_file, device, options.weight_decay);
  const auto size = state.network->input_size();
  const auto layout = at::MemoryFormat::ChannelsLast;
  const auto input = torch::randn({options.batch, state.network->views(), size, size})
                         .to(device)
                         .contiguous(layout);
  const auto target = torch::rand({options.batch, state.network->classes(), size, size})
                          .gt(0.95)
                          .to(torch::kFloat)
                          .to(device)
                          .contiguous(layout);
  const Shards shards(state, static_cast<std::size_t>(count), thread_count(options.threads), 1);
  Speed speed;
  for (const auto& parameter : state.network->parameters()) speed.parameters += parameter.numel();

  const auto step = [&] {
    state.optimizer->zero_grad();
    segmentation_gradient(shards, state.step++, input, target,
                          {.precision = precision, .device = device});
    state.optimizer->step();
    if (device.is_cuda()) torch::cuda::synchronize();
  };
  speed.training_films_per_second = options.batch / mean_seconds(2, steps, step);

  set_network_threads(options.threads);
  state.network->eval();
  state.network->fold();
  for (auto& parameter : state.network->parameters()) parameter.requires_grad_(false);
  const c10::InferenceMode inference;
  const auto one = input.slice(0, 0, 1).contiguous(layout);
  const auto seconds_in = [&](Precision which) {
    return mean_seconds(2, steps, [&] {
      const MixedPrecision mixed(which, device);
      state.network->forward(one);
      if (device.is_cuda()) torch::cuda::synchronize();
    });
  };
  speed.inference_seconds = seconds_in(Precision::fp32);
  speed.inference_bf16_seconds = seconds_in(Precision::bf16);
  return speed;
}

}  // namespace spine::train
