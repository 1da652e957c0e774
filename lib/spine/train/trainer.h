#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "spine/core/input_spec.h"
#include "spine/nets/precision.h"
#include "spine/train/augment.h"
#include "spine/train/batches.h"
#include "spine/train/film_source.h"
#include "spine/train/run_state.h"
#include "spine/train/shards.h"
#include "spine/train/training.h"

namespace spine::train {

/// Evaluation of a network on held-out films.
// NOLINTNEXTLINE(bugprone-exception-escape): the move of nlohmann::json asserts
struct Judgement {
  double score = 0;                            ///< higher is better
  std::vector<std::optional<double>> columns;  ///< in the order of Trainer::score_columns
  nlohmann::json point;                        ///< for the record's validation curve
  std::string summary;                         ///< one line for display
};

/// The training loop shared by all networks: batches, learning rate, moving average of weights,
/// curves, validation, checkpoints, record. Derived classes define the model and its loss.
class Trainer {
 public:
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  Trainer(Trainer&&) = delete;
  Trainer& operator=(Trainer&&) = delete;
  virtual ~Trainer() = default;

  /// Trains until the planned length, the time limit or a stop request. @throws Error(unreadable |
  /// output | internal)
  TrainingResult run();

 protected:
  /// Checks the options before anything is trained. @throws Error(usage | output | unreadable)
  Trainer(const TrainingOptions& options, FilmSource& films, const TrainingHooks& hooks,
          InputSpec input, std::vector<std::string> outputs);

  /// Name of Judgement::score, e.g. "dice".
  [[nodiscard]] virtual std::string score_name() const = 0;
  /// Names of the values returned by train_step.
  [[nodiscard]] virtual std::vector<std::string> loss_columns() const = 0;
  /// Names of Judgement::columns.
  [[nodiscard]] virtual std::vector<std::string> score_columns() const = 0;
  /// One step of the optimizer. @returns values in the order of loss_columns, the total first.
  virtual std::vector<double> train_step(const std::vector<Sample>& samples) = 0;
  /// Evaluates the moving average, given folded and in evaluation mode. Nullopt: no validation; the
  /// last weights are the best then.
  virtual std::optional<Judgement> judge(Network& average) = 0;
  /// Number of shards for a batch on a CPU unless the options tell; 0: this training has no shards.
  [[nodiscard]] virtual int default_shards() const { return 0; }
  /// Adds to the record beyond what all runs share.
  virtual void add_to_record(nlohmann::json& /*record*/) const {}

  /// Views of films as an input tensor on the device.
  [[nodiscard]] torch::Tensor network_input(const std::vector<std::vector<cv::Mat>>& views) const;
  /// Sets the scheduled learning rate of the current step.
  void set_learning_rate(torch::optim::Optimizer& optimizer) const;
  /// Clips the gradient and steps if loss and gradient are finite. @returns whether it did
  /// @throws Error(internal) after 20 consecutive steps without
  bool take_step(double loss);
  /// Completed fraction of the planned length, 0..1: of the steps, or else of the hours.
  [[nodiscard]] double progress() const;
  /// Reports a message through the hooks.
  void message(const std::string& text) const;

  [[nodiscard]] RunState& state() { return state_; }
  /// The replicas of the network; from the first step on.
  [[nodiscard]] const Shards& shards() const { return *shards_; }
  [[nodiscard]] const torch::Device& device() const { return device_; }
  [[nodiscard]] Precision precision() const { return precision_; }
  [[nodiscard]] const InputSpec& input() const { return input_; }

 private:
  class Curves;
  struct Interval;
  [[nodiscard]] std::filesystem::path checkpoint_file() const;
  [[nodiscard]] bool out_of_time() const;
  [[nodiscard]] bool finished() const { return progress() >= 1.0 || out_of_time(); }
  [[nodiscard]] double learning_rate() const;
  [[nodiscard]] BatchOptions batch_options() const;
  /// The number of shards of this run. @throws Error(usage) if it cannot have as many, or if a
  /// resumed run had others
  [[nodiscard]] int chosen_shards() const;
  void make_shards();
  /// @returns whether training is finished; false: a stop was requested
  bool train(Batches& batches, Curves& curves);
  /// Trains on the next batch. @returns its losses
  std::vector<double> advance(Batches& batches);
  /// Reports the mean losses and the speed of an interval, and starts the next one.
  void finish(Interval& interval, Curves& curves);
  /// Evaluates the moving average without affecting the random numbers of training.
  std::optional<Judgement> judge_average();
  void validate_now(Curves& curves);
  /// Makes the moving average the best one, first in the checkpoint, then in its own file: a crash
  /// between the two is repaired by the next part.
  void save_best(double score);
  void write_best() const;
  /// Reports if the plan depends on the speed of the machine, and if the time limit ended the run.
  void say_plan() const;
  void save();
  void write_record();
  void report(const std::vector<double>& mean, double rate) const;

  const TrainingOptions& options_;
  FilmSource& films_;
  const TrainingHooks& hooks_;
  InputSpec input_;
  std::vector<std::string> outputs_;
  torch::Device device_;
  Precision precision_;
  RunState state_;
  std::optional<Shards> shards_;
  std::chrono::steady_clock::time_point start_;
  double earlier_seconds_ = 0;
  nlohmann::json parts_;       ///< of training.json; the last is the current one
  std::uint64_t samples_ = 0;  ///< of the current part
  int bad_steps_ = 0;
  std::vector<double> last_mean_;
  double last_rate_ = 0;
};

}  // namespace spine::train
