#include "spine/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <numeric>
#include <sstream>
#include <utility>

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/device.h"
#include "spine/infer/input_json.h"
#include "spine/infer/tensor_convert.h"
#include "spine/train/run_record.h"
#include "spine/util/atomic_file.h"
#include "spine/util/disk.h"
#include "spine/util/processors.h"
#include "spine/util/text.h"

namespace spine::train {
namespace {

using Clock = std::chrono::steady_clock;
using torch::Tensor;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whether a periodic action is due after this step; 0: never.
bool is_due(std::uint64_t every, std::uint64_t step) { return every > 0 && step % every == 0; }

}  // namespace

/// curves.csv: one row per reported interval of steps and per validation.
class Trainer::Curves {
 public:
  Curves(std::filesystem::path file, const std::vector<std::string>& losses,
         const std::vector<std::string>& scores, std::uint64_t from_step)
      : file_(std::move(file)), scores_(scores.size()) {
    std::string kept = "step,seconds";
    for (const auto& name : losses) kept += "," + name;
    kept += ",learning_rate,films_per_second";
    for (const auto& name : scores) kept += "," + name;
    kept += "\n";
    if (from_step > 0) {
      // Rows after the last checkpoint of a crashed part are recomputed.
      std::ifstream in(file_);
      std::string line;
      std::getline(in, line);
      while (std::getline(in, line)) {
        if (!line.empty() && std::strtoull(line.c_str(), nullptr, 10) <= from_step) {
          kept += line + "\n";
        }
      }
    }
    write_file_atomically(file_, kept);
  }

  void add(std::uint64_t step, double seconds, const std::vector<double>& losses,
           double learning_rate, double films_per_second, const Judgement* judgement) {
    std::ostringstream row;
    row << step << ',' << seconds;
    for (const double loss : losses) row << ',' << loss;
    row << ',' << learning_rate << ',' << films_per_second;
    for (std::size_t i = 0; i < scores_; ++i) {
      row << ',';
      if (judgement != nullptr && judgement->columns.at(i)) row << *judgement->columns[i];
    }
    std::ofstream out(file_, std::ios::app);
    out << row.str() << '\n';
    if (!out) throw Error(ErrorKind::output, "training: cannot write " + file_.string());
  }

 private:
  std::filesystem::path file_;
  std::size_t scores_;
};

/// Steps between two reports.
struct Trainer::Interval {
  /// Sum and mean of rows of numbers.
  class Mean {
   public:
    void add(const std::vector<double>& values) {
      sum_.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i) sum_[i] += values[i];
      ++count_;
    }
    [[nodiscard]] std::vector<double> mean() const {
      std::vector<double> values = sum_;
      for (double& value : values) value /= std::max(1, count_);
      return values;
    }

   private:
    std::vector<double> sum_;
    int count_ = 0;
  };

  Clock::time_point start;
  std::uint64_t first_step = 0;
  Mean losses = {};
};

Trainer::Trainer(const TrainingOptions& options, FilmSource& films, const TrainingHooks& hooks,
                 InputSpec input, std::vector<std::string> outputs)
    : options_(options),
      films_(films),
      hooks_(hooks),
      input_(std::move(input)),
      outputs_(std::move(outputs)),
      device_(choose_device(options.device)),
      precision_(choose_precision(options.precision, device_, Purpose::training)) {
  if (options.steps == 0 && !(options.hours > 0)) {
    throw Error(ErrorKind::usage, "training: expected a length in steps or hours");
  }
  if (options.batch < 1) throw Error(ErrorKind::usage, "training: expected a batch of at least 1");
  make_folders(options.output);
  if (!options.resume && std::filesystem::exists(checkpoint_file())) {
    throw Error(ErrorKind::usage, "training: " + checkpoint_file().string() +
                                      " exists; resume it or choose another folder");
  }
  set_network_threads(options.threads);
  torch::manual_seed(options.seed);
  state_ = make_run_state(options.network, options.network_file, device_, options.weight_decay,
                          options.resume ? std::filesystem::path() : options.start);
  parts_ = training_parts((options.resume ? options.output : options.start.parent_path()) /
                          "training.json");
  parts_.push_back(options.record.value("part", nlohmann::json::object()));
}

TrainingResult Trainer::run() {
  if (options_.resume) {
    load_run_state(checkpoint_file(), state_);
    if (!state_.best.empty()) write_best();
  }
  make_shards();
  say_plan();
  earlier_seconds_ = state_.seconds;
  Curves curves(options_.output / "curves.csv", loss_columns(), score_columns(), state_.step);
  Batches batches(films_, input_, options_.augment, batch_options());

  const bool is_finished = train(batches, curves);
  if (is_finished) validate_now(curves);
  save();
  if (is_finished && progress() < 1.0) {
    message("ended by --hours at step " + std::to_string(state_.step) + " of " +
            std::to_string(options_.steps) + "; --resume with a higher limit continues");
  }
  return {.finished = is_finished,
          .steps = state_.step,
          .hours = state_.seconds / 3600,
          .best_score = state_.best_score};
}

BatchOptions Trainer::batch_options() const {
  BatchOptions options;
  options.batch = options_.batch;
  options.workers = options_.workers;
  options.inline_threads = thread_count(options_.threads);
  options.seed = options_.seed;
  return options;
}

int Trainer::chosen_shards() const {
  const bool has_shards = default_shards() > 0 && device_.is_cpu();
  if (options_.shards > 1 && !has_shards) {
    throw Error(ErrorKind::usage,
                "training: several shards need a segmentation or endplate network and a CPU");
  }
  if (!options_.resume) {
    return options_.shards > 0 ? options_.shards : has_shards ? default_shards() : 1;
  }
  const int earlier = state_.shards;
  if ((options_.shards > 0 && options_.shards != earlier) || (earlier > 1 && !has_shards)) {
    throw Error(ErrorKind::usage, "training: " + checkpoint_file().string() +
                                      ": expected the number of shards with which it started, " +
                                      std::to_string(earlier));
  }
  return earlier;
}

void Trainer::make_shards() {
  state_.shards = chosen_shards();
  if (state_.shards > 1) set_network_threads(1);
  shards_.emplace(state_, static_cast<std::size_t>(state_.shards), thread_count(options_.threads),
                  options_.seed);
}

bool Trainer::train(Batches& batches, Curves& curves) {
  start_ = Clock::now();
  auto last_checkpoint = start_;
  Interval interval{start_, state_.step};
  while (!finished()) {
    if (hooks_.stop && hooks_.stop()) return false;
    interval.losses.add(advance(batches));
    if (seconds_since(interval.start) > 20 || finished()) finish(interval, curves);
    if (is_due(options_.validation_steps, state_.step) && !finished()) {
      validate_now(curves);
      interval.start = Clock::now();
      interval.first_step = state_.step;
    }
    if (seconds_since(last_checkpoint) > 60 * options_.checkpoint_minutes) {
      save();
      last_checkpoint = Clock::now();
    }
    if (is_due(options_.refresh_steps, state_.step)) batches.refresh();
  }
  return true;
}

std::vector<double> Trainer::advance(Batches& batches) {
  std::vector<double> losses = train_step(batches.take(state_.step));
  ++state_.step;
  samples_ += static_cast<std::uint64_t>(options_.batch);
  state_.update_average(options_.ema_decay);
  state_.seconds = earlier_seconds_ + seconds_since(start_);
  return losses;
}

void Trainer::finish(Interval& interval, Curves& curves) {
  last_mean_ = interval.losses.mean();
  last_rate_ = static_cast<double>(state_.step - interval.first_step) * options_.batch /
               seconds_since(interval.start);
  report(last_mean_, last_rate_);
  curves.add(state_.step, state_.seconds, last_mean_, learning_rate(), last_rate_, nullptr);
  interval = {Clock::now(), state_.step};
}

std::filesystem::path Trainer::checkpoint_file() const { return options_.output / "checkpoint.pt"; }

double Trainer::progress() const {
  const double done = options_.steps > 0
                          ? static_cast<double>(state_.step) / static_cast<double>(options_.steps)
                          : state_.seconds / (3600 * options_.hours);
  return std::min(done, 1.0);
}

bool Trainer::out_of_time() const {
  return options_.hours > 0 && state_.seconds >= 3600 * options_.hours;
}

void Trainer::say_plan() const {
  const int threads = thread_count(options_.threads);
  if (state_.shards > 1 && state_.shards < threads) {
    message("training in " + std::to_string(state_.shards) + " shards uses as many of " +
            std::to_string(threads) + " threads: more --shards are faster, with other weights");
  }
  if (options_.steps > 0) return;
  message(
      "a length in hours depends on the speed of the machine: use --steps or --epochs for "
      "reproducible weights");
}

/// Linear warm-up, then cosine decay to a hundredth.
double Trainer::learning_rate() const {
  const double warm = options_.warmup_steps == 0
                          ? 1.0
                          : std::min(1.0, static_cast<double>(state_.step + 1) /
                                              static_cast<double>(options_.warmup_steps));
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * progress()));
  return options_.learning_rate * warm * (0.01 + 0.99 * cosine);
}

void Trainer::set_learning_rate(torch::optim::Optimizer& optimizer) const {
  for (auto& group : optimizer.param_groups()) {
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate());
  }
}

bool Trainer::take_step(double loss) {
  const double norm =
      torch::nn::utils::clip_grad_norm_(state_.network->parameters(), options_.clip_norm);
  if (std::isfinite(norm) && std::isfinite(loss)) {
    bad_steps_ = 0;
    state_.optimizer->step();
    return true;
  }
  if (++bad_steps_ > 20) {
    throw Error(ErrorKind::internal,
                "training: no finite gradient in 20 steps; try a lower learning rate or fp32");
  }
  return false;
}

Tensor Trainer::network_input(const std::vector<std::vector<cv::Mat>>& views) const {
  Tensor planes = tensor_from_planes(views).sub_(input_.mean).div_(input_.std);
  return planes.to(device_).contiguous(at::MemoryFormat::ChannelsLast);
}

std::optional<Judgement> Trainer::judge_average() {
  const RngStateGuard guard(device_);
  const auto network = make_network(options_.network, options_.network_file);
  network->to(device_);
  load_state_strictly(*network, state_.average, "moving average");
  use_channels_last(*network);
  network->eval();
  network->fold();
  return judge(*network);
}

void Trainer::validate_now(Curves& curves) {
  if (!state_.curve.empty() && state_.curve.back().value("step", std::uint64_t{0}) == state_.step) {
    return;  // a resumed finished run has been validated
  }
  const auto judgement = judge_average();
  if (!judgement) {
    save_best(-1);
    return;
  }
  curves.add(state_.step, state_.seconds, last_mean_, learning_rate(), last_rate_, &*judgement);
  nlohmann::json point = {{"step", state_.step}, {"hours", std::round(state_.seconds / 36) / 100}};
  point.update(judgement->point);
  state_.curve.push_back(point);
  message("validation at step " + std::to_string(state_.step) + ": " + judgement->summary);
  if (judgement->score >= state_.best_score) save_best(judgement->score);
}

void Trainer::save_best(double score) {
  state_.keep_best(score);
  save_run_state(checkpoint_file(), state_);
  write_best();
  write_record();
}

void Trainer::write_best() const {
  save_network(options_.output / "best.safetensors", *state_.network, state_.best, input_, outputs_,
               torch::kHalf);
}

void Trainer::save() {
  save_run_state(checkpoint_file(), state_);
  write_record();
}

void Trainer::write_record() {
  nlohmann::json record = options_.record;
  record.erase("part");
  parts_.back()["samples"] = samples_;
  parts_.back()["seed"] = options_.seed;
  record["parts"] = parts_;
  record["architecture"] = state_.network->config();
  record["input"] = to_json(input_);
  record["data"] = films_.description();
  record["batch"] = options_.batch;
  record["shards"] = state_.shards;
  record["learning_rate"] = options_.learning_rate;
  record["weight_decay"] = options_.weight_decay;
  record["warmup_steps"] = options_.warmup_steps;
  record["clip_norm"] = options_.clip_norm;
  record["ema_decay"] = options_.ema_decay;
  record["seed"] = options_.seed;
  record["precision"] = precision_ == Precision::bf16 ? "bf16" : "fp32";
  if (options_.steps > 0) record["planned_steps"] = options_.steps;
  if (options_.hours > 0) record["planned_hours"] = options_.hours;
  record["validation_steps"] = options_.validation_steps;
  record["steps"] = state_.step;
  if (films_.count() > 0) {
    record["epochs"] = std::round(100.0 * static_cast<double>(state_.step) * options_.batch /
                                  static_cast<double>(films_.count())) /
                       100;
  }
  record["samples"] = std::accumulate(parts_.begin(), parts_.end(), std::uint64_t{0},
                                      [](std::uint64_t sum, const nlohmann::json& part) {
                                        return sum + part.value("samples", std::uint64_t{0});
                                      });
  record["hours"] = std::round(state_.seconds / 36) / 100;
  const bool judged = !state_.curve.empty();
  record["best_validation_" + score_name()] =
      judged ? nlohmann::json(std::round(state_.best_score * 1e4) / 1e4) : nlohmann::json();
  record["best_step"] = state_.best_step;
  record["validation_curve"] = state_.curve;
  add_to_record(record);
  write_file_atomically(options_.output / "training.json", record.dump(2) + "\n");
}

void Trainer::report(const std::vector<double>& mean, double rate) const {
  const double done = progress();
  const double part = seconds_since(start_) + earlier_seconds_;
  const double left = done > 0 ? part * (1 - done) / done : 0;
  char text[120];
  std::snprintf(text, sizeof text, "step %llu  %.1f %% ",
                static_cast<unsigned long long>(state_.step), 100 * done);
  std::string line = text;
  const auto names = loss_columns();
  for (std::size_t i = 0; i < mean.size(); ++i) {
    std::snprintf(text, sizeof text, " %s %.4f", names[i].c_str(), mean[i]);
    line += text;
  }
  std::snprintf(text, sizeof text, "  %.1f films/s  %zu films  %s left", rate, films_.count(),
                duration_text(left).c_str());
  if (hooks_.progress_line) hooks_.progress_line(line + text);
}

void Trainer::message(const std::string& text) const {
  if (hooks_.message) hooks_.message(text);
}

}  // namespace spine::train
