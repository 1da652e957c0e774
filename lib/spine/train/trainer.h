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
#include "spine/train/film_source.h"
#include "spine/train/run_state.h"
#include "spine/train/training.h"

namespace spine::train {

/// What a network is worth on films that it is never trained on.
struct Judgement {
  double score = 0;                            ///< higher is better
  std::vector<std::optional<double>> columns;  ///< in the order of Trainer::score_columns
  nlohmann::json point;                        ///< for the record's validation curve
  std::string summary;                         ///< one line for a person
};

/// The loop that all trainings share: batches, learning rate, moving average of weights, curves,
/// validation, checkpoints, record. What is learned is up to the derived class.
class Trainer {
 public:
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  Trainer(Trainer&&) = delete;
  Trainer& operator=(Trainer&&) = delete;
  virtual ~Trainer() = default;

  TrainingResult run();

 protected:
  /// @throws Error(usage | output | unreadable) before anything is trained.
  Trainer(const TrainingOptions& options, FilmSource& films, const TrainingHooks& hooks,
          InputSpec input, std::vector<std::string> outputs);

  /// What Judgement::score is, e.g. "dice".
  [[nodiscard]] virtual std::string score_name() const = 0;
  /// Names of what train_step returns.
  [[nodiscard]] virtual std::vector<std::string> loss_columns() const = 0;
  [[nodiscard]] virtual std::vector<std::string> score_columns() const = 0;
  /// One step of the optimizer. @returns values in the order of loss_columns, the total first.
  virtual std::vector<double> train_step(const std::vector<Sample>& samples) = 0;
  /// Judges the moving average, which comes folded and in evaluation mode. No value: nothing to
  /// judge by, the last weights are the best then.
  virtual std::optional<Judgement> judge(Network& average) = 0;
  /// Whatever the record should hold beside what all runs share.
  virtual void add_to_record(nlohmann::json& /*record*/) const {}

  [[nodiscard]] torch::Tensor network_input(const std::vector<std::vector<cv::Mat>>& views) const;
  /// Sets the learning rate that the plan wants now.
  void set_learning_rate(torch::optim::Optimizer& optimizer) const;
  /// Clips, and takes the step when loss and gradient are finite. @returns whether it did
  /// @throws Error(internal) after 20 steps in a row without.
  bool take_step(double loss);
  /// How much of the planned length is behind us, 0..1: of the steps, or without any of the hours.
  [[nodiscard]] double progress() const;
  void message(const std::string& text) const;

  [[nodiscard]] RunState& state() { return state_; }
  [[nodiscard]] const torch::Device& device() const { return device_; }
  [[nodiscard]] Precision precision() const { return precision_; }
  [[nodiscard]] const InputSpec& input() const { return input_; }

 private:
  class Curves;
  [[nodiscard]] std::filesystem::path checkpoint_file() const;
  [[nodiscard]] bool out_of_time() const;
  [[nodiscard]] bool finished() const { return progress() >= 1.0 || out_of_time(); }
  [[nodiscard]] double learning_rate() const;
  /// Draws no random number that training would have drawn.
  std::optional<Judgement> judge_average();
  void validate_now(Curves& curves);
  /// The moving average becomes the best one, first of the checkpoint and then of its own file: a
  /// crash between the two is mended by the next part.
  void save_best(double score);
  void write_best() const;
  /// Says what of the plan depends on the machine, and that hours ended the run.
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
  std::chrono::steady_clock::time_point start_;
  double earlier_seconds_ = 0;
  nlohmann::json parts_;       ///< of training.json; the last is this one
  std::uint64_t samples_ = 0;  ///< of this part
  int bad_steps_ = 0;
  std::vector<double> last_mean_;
  double last_rate_ = 0;
};

}  // namespace spine::train
