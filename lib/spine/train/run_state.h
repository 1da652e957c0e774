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

/// Everything that a training run carries from step to step.
struct RunState {
  std::shared_ptr<Network> network;
  /// Reads the structures off the coarse features, for training alone; null without such features.
  torch::nn::Conv2d coarse_head{nullptr};
  std::unique_ptr<torch::optim::AdamW> optimizer;
  /// What else is learned or kept for training alone, such as a discriminator; may be null.
  std::shared_ptr<torch::nn::Module> helper;
  std::unique_ptr<torch::optim::AdamW> helper_optimizer;  ///< null where the helper has none
  std::map<std::string, torch::Tensor> average;  ///< moving average of parameters and buffers
  std::uint64_t step = 0;                        ///< steps done
  double seconds = 0;                            ///< of training so far, over all parts
  /// The best moving average so far: its score and step, and its tensors (halves on the CPU); empty
  /// before there is one.
  double best_score = -1;
  std::uint64_t best_step = 0;
  std::map<std::string, torch::Tensor> best;
  nlohmann::json curve = nlohmann::json::array();  ///< validation points for the record

  /// weights <- network, with a decay that rises from 0.1 so that early weights are soon forgotten.
  void update_average(double decay);
  /// Keeps the moving average as the best one.
  void keep_best(double score);
};

/// Restores the random numbers of the CPU and of a device when it ends, so that what is done
/// meanwhile changes nothing that is drawn later.
class RiskCoverageInputs {
 public:
  explicit RiskCoverageInputs(const torch::Device& device);
  RiskCoverageInputs(const RiskCoverageInputs&) = delete;
  RiskCoverageInputs& operator=(const RiskCoverageInputs&) = delete;
  RiskCoverageInputs(RiskCoverageInputs&&) = delete;
  RiskCoverageInputs& operator=(RiskCoverageInputs&&) = delete;
  ~RiskCoverageInputs();

 private:
  torch::Device device_;
  torch::Tensor cpu_, own_;
};

/// Fresh weights, optimizer and average on `device`.
/// @param start  weights (.safetensors of the same architecture, maybe of another input size) to
///               start from; empty: random
RunState make_run_state(const nlohmann::json& network, const std::string& network_file,
                        const torch::Device& device, double weight_decay,
                        const std::filesystem::path& start = {});

/// Atomic: a reader, also after a power failure, finds the old state or the new one, with the best
/// weights that belong to it. @throws Error(output) naming the file.
void save_run_state(const std::filesystem::path& file, const RunState& state);
/// Into a state made from the same configuration. Files of earlier versions hold no best weights.
/// @throws Error(unreadable) naming the file when it is damaged or of another network.
void load_run_state(const std::filesystem::path& file, RunState& state);

}  // namespace spine::train
