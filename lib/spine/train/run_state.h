#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "spine/nets/network.h"

namespace spine::train {

/// The complete state of a training run.
struct RunState {
  std::shared_ptr<Network> network;
  /// Predicts the structures from coarse features, for training only; null without such features.
  torch::nn::Conv2d coarse_head{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer;
  /// Other modules for training only, such as a discriminator; may be null.
  std::shared_ptr<torch::nn::Module> helper;
  std::unique_ptr<torch::optim::AdamW> helper_optimizer;  ///< null if the helper has none
  std::map<std::string, torch::Tensor> average;  ///< moving average of parameters and buffers
  int shards = 1;                                ///< see Shards
  std::uint64_t step = 0;                        ///< completed steps
  double seconds = 0;                            ///< training time so far, over all parts
  /// The best moving average so far: score, step and tensors (half precision, on the CPU); empty
  /// before the first.
  double best_score = -1;
  std::uint64_t best_step = 0;
  std::map<std::string, torch::Tensor> best;
  nlohmann::json curve = nlohmann::json::array();  ///< validation points for the record

  /// Updates the moving average, with a decay that rises from 0.1 so that early weights are soon
  /// forgotten.
  void update_average(double decay);
  /// Stores the moving average as the best one.
  void keep_best(double score);
};

/// Saves the random number generator states of the CPU and a device, and restores them on
/// destruction, so that validation does not affect training.
class RngStateGuard {
 public:
  explicit RngStateGuard(const torch::Device& device);
  RngStateGuard(const RngStateGuard&) = delete;
  RngStateGuard& operator=(const RngStateGuard&) = delete;
  RngStateGuard(RngStateGuard&&) = delete;
  RngStateGuard& operator=(RngStateGuard&&) = delete;
  ~RngStateGuard();

 private:
  torch::Device device_;
  torch::Tensor cpu_, own_;
};

/// Creates weights, optimizer and average on `device`.
/// @param start  initial weights (.safetensors of the same architecture, possibly of another input
///               size); empty: random
RunState make_run_state(const nlohmann::json& network, const std::string& network_file,
                        const torch::Device& device, double weight_decay,
                        const std::filesystem::path& start = {});

/// Saves a state atomically: even after a power failure a reader finds the old or the new state,
/// with the matching best weights. @throws Error(output) naming the file
void save_run_state(const std::filesystem::path& file, const RunState& state);
/// Loads into a state made from the same configuration. Files of earlier versions contain no best
/// weights.
/// @throws Error(unreadable) naming the file if it is damaged or of another network
void load_run_state(const std::filesystem::path& file, RunState& state);

}  // namespace spine::train
