#include "spine/train/segmentation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <sstream>
#include <thread>

#include <opencv2/core/utility.hpp>
#include <torch/torch.h>

#include "spine/core/error.h"
#include "spine/core/structure.h"
#include "spine/infer/checkpoint.h"
#include "spine/infer/device.h"
#include "spine/infer/input_json.h"
#include "spine/infer/tensor_convert.h"
#include "spine/io/atomic_file.h"
#include "spine/train/batches.h"
#include "spine/train/loss.h"
#include "spine/train/precision.h"
#include "spine/train/run_record.h"
#include "spine/train/run_state.h"

namespace spine::train {
namespace {

using Clock = std::chrono::steady_clock;
using torch::Tensor;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> output_names() {
  std::vector<std::string> names;
  for (const Structure s : kStructures) names.emplace_back(to_string(s));
  return names;
}

/// curves.csv: a row for every reported stretch of steps and for every validation.
class Curves {
 public:
  Curves(std::filesystem::path file, std::uint64_t from_step) : file_(std::move(file)) {
    std::string kept = header();
    if (from_step > 0) {
      // What a crashed part wrote after its last checkpoint is computed again.
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

  void add(std::uint64_t step, double seconds, const Loss& mean, double learning_rate,
           double films_per_second, const Validation* validation) {
    std::ostringstream row;
    row << step << ',' << seconds << ',' << mean.total << ',' << mean.dice << ',' << mean.bce << ','
        << learning_rate << ',' << films_per_second;
    if (validation == nullptr) {
      for (std::size_t i = 0; i < kStructureCount + 5; ++i) row << ',';
    } else {
      row << ',' << validation->mean_dice;
      for (const double dice : validation->dice) row << ',' << dice;
      for (const char* name : {"PT", "SS", "PI", "LL"}) {
        row << ',';
        const auto error = validation->angle_error_deg.find(name);
        if (error != validation->angle_error_deg.end() && error->second) row << *error->second;
      }
    }
    std::ofstream out(file_, std::ios::app);
    out << row.str() << '\n';
    if (!out) throw Error(ErrorKind::output, "training: cannot write " + file_.string());
  }

 private:
  static std::string header() {
    std::string text = "step,seconds,loss,loss_dice,loss_bce,learning_rate,films_per_second,dice";
    for (const auto& name : output_names()) text += ",dice_" + name;
    return text + ",mae_PT_deg,mae_SS_deg,mae_PI_deg,mae_LL_deg\n";
  }
  std::filesystem::path file_;
};

/// Mean of the losses since the last report.
struct LossMean {
  Loss sum;
  int count = 0;
  void add(const Loss& loss) {
    sum.total += loss.total;
    sum.dice += loss.dice;
    sum.bce += loss.bce;
    ++count;
  }
  [[nodiscard]] Loss mean() const {
    Loss m;
    const double n = std::max(1, count);
    m.total = sum.total / n;
    m.dice = sum.dice / n;
    m.bce = sum.bce / n;
    return m;
  }
};

std::string duration_text(double seconds) {
  char text[32];
  const auto minutes = static_cast<long>(seconds / 60);
  std::snprintf(text, sizeof text, "%ldh%02ldm", minutes / 60, minutes % 60);
  return text;
}

class Trainer {
 public:
  Trainer(const SegmentationOptions& options, FilmSource& films, const Validator& validator,
          const SegmentationHooks& hooks)
      : options_(options),
        films_(films),
        validator_(validator),
        hooks_(hooks),
        input_(training_input(options)),
        device_(choose_device(options.device)),
        precision_(choose_precision(options.precision, device_)) {
    if (options.steps == 0 && !(options.hours > 0)) {
      throw Error(ErrorKind::usage, "training: expected a length in steps or hours");
    }
    if (options.batch < 1)
      throw Error(ErrorKind::usage, "training: expected a batch of at least 1");
    std::error_code error;
    std::filesystem::create_directories(options.output, error);
    if (error) {
      throw Error(ErrorKind::output,
                  "training: cannot make " + options.output.string() + ": " + error.message());
    }
    cv::setNumThreads(1);
    set_network_threads(options.threads);
    torch::manual_seed(options.seed);
    state_ = make_run_state(options.network, options.network_file, device_, options.weight_decay,
                            options.resume ? std::filesystem::path() : options.start);
    if (options.resume) load_run_state(checkpoint_file(), state_);
    if (!options.resume && std::filesystem::exists(checkpoint_file())) {
      throw Error(ErrorKind::usage, "training: " + checkpoint_file().string() +
                                        " exists; resume it or choose another folder");
    }
    earlier_seconds_ = state_.seconds;
    parts_ = training_parts((options.resume ? options.output : options.start.parent_path()) /
                            "training.json");
    parts_.push_back(options.record.value("part", nlohmann::json::object()));
  }

  SegmentationResult run() {
    Curves curves(options_.output / "curves.csv", state_.step);
    BatchOptions batch_options;
    batch_options.batch = options_.batch;
    batch_options.workers = options_.workers;
    batch_options.inline_threads =
        options_.threads > 0 ? options_.threads
                             : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    batch_options.seed = options_.seed;
    Batches batches(films_, input_, options_.augment, batch_options);

    start_ = Clock::now();
    auto last_report = Clock::now();
    auto last_checkpoint = last_report;
    auto last_validation = last_report;
    auto last_refresh = last_report;
    std::uint64_t reported_step = state_.step;
    LossMean losses;
    bool stopped = false;
    while (!finished()) {
      if (hooks_.stop && hooks_.stop()) {
        stopped = true;
        break;
      }
      losses.add(train_step(batches.take(state_.step)));
      ++state_.step;
      samples_ += static_cast<std::uint64_t>(options_.batch);
      state_.update_average(options_.ema_decay);
      state_.seconds = earlier_seconds_ + seconds_since(start_);

      if (seconds_since(last_report) > 20 || finished()) {
        const double rate = static_cast<double>(state_.step - reported_step) * options_.batch /
                            seconds_since(last_report);
        report(losses.mean(), rate);
        curves.add(state_.step, state_.seconds, losses.mean(), learning_rate(), rate, nullptr);
        last_mean_ = losses.mean();
        last_rate_ = rate;
        losses = {};
        reported_step = state_.step;
        last_report = Clock::now();
      }
      if (seconds_since(last_validation) > 60 * options_.validation_minutes && !finished()) {
        validate_now(curves);
        last_validation = Clock::now();
        last_report = last_validation;
        reported_step = state_.step;
      }
      if (seconds_since(last_checkpoint) > 60 * options_.checkpoint_minutes) {
        save();
        last_checkpoint = Clock::now();
      }
      if (seconds_since(last_refresh) > 60 * options_.refresh_minutes) {
        batches.refresh();
        last_refresh = Clock::now();
      }
    }
    if (!stopped) validate_now(curves);
    save();
    return {.finished = !stopped,
            .steps = state_.step,
            .hours = state_.seconds / 3600,
            .best_dice = state_.best_dice};
  }

 private:
  [[nodiscard]] std::filesystem::path checkpoint_file() const {
    return options_.output / "checkpoint.pt";
  }

  /// How much of the planned length is behind us, 0..1.
  [[nodiscard]] double progress() const {
    double done = 0;
    if (options_.steps > 0) {
      done = static_cast<double>(state_.step) / static_cast<double>(options_.steps);
    }
    if (options_.hours > 0) done = std::max(done, state_.seconds / (3600 * options_.hours));
    return std::min(done, 1.0);
  }
  [[nodiscard]] bool finished() const { return progress() >= 1.0; }

  /// Linear warm-up, then half a cosine down to a hundredth.
  [[nodiscard]] double learning_rate() const {
    const double warm = options_.warmup_steps == 0
                            ? 1.0
                            : std::min(1.0, static_cast<double>(state_.step + 1) /
                                                static_cast<double>(options_.warmup_steps));
    const double cosine = 0.5 * (1 + std::cos(3.14159265358979 * progress()));
    return options_.learning_rate * warm * (0.01 + 0.99 * cosine);
  }

  Loss train_step(std::vector<Sample> samples) {
    std::vector<std::vector<cv::Mat>> views;
    std::vector<std::vector<cv::Mat>> targets;
    for (const auto& sample : samples) {
      views.push_back(sample.views);
      targets.emplace_back(sample.targets.begin(), sample.targets.end());
    }
    const Tensor input = network_input(views);
    Tensor target =
        tensor_from_coverage(targets).to(device_).contiguous(at::MemoryFormat::ChannelsLast);

    for (auto& group : state_.optimizer->param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate());
    }
    state_.optimizer->zero_grad();
    NetworkOutput output;
    Tensor coarse;
    {
      const MixedPrecision mixed(precision_, device_);
      output = state_.network->forward_features(input);
      if (options_.coarse_weight > 0 && output.coarse.defined()) {
        coarse = state_.coarse_head(output.coarse);
      }
    }
    if (state_.network->classes() == static_cast<std::int64_t>(kStructureCount)) {
      target = matched_targets(output.logits, target, index(Structure::F1), index(Structure::F2));
    }
    Loss loss = segmentation_loss(output.logits, target);
    if (coarse.defined()) {
      const Loss side = segmentation_loss(coarse, torch::avg_pool2d(target, 8));
      torch::autograd::backward({output.logits, coarse},
                                {loss.gradient, side.gradient * options_.coarse_weight});
    } else {
      output.logits.backward(loss.gradient);
    }
    loss.gradient.reset();
    const double norm =
        torch::nn::utils::clip_grad_norm_(state_.network->parameters(), options_.clip_norm);
    if (!std::isfinite(norm) || !std::isfinite(loss.total)) {
      if (++bad_steps_ > 20) {
        throw Error(ErrorKind::internal,
                    "training: no finite gradient in 20 steps; try a lower learning rate or fp32");
      }
      return loss;
    }
    bad_steps_ = 0;
    state_.optimizer->step();
    return loss;
  }

  [[nodiscard]] Tensor network_input(const std::vector<std::vector<cv::Mat>>& views) const {
    Tensor planes = tensor_from_planes(views).sub_(input_.mean).div_(input_.std);
    return planes.to(device_).contiguous(at::MemoryFormat::ChannelsLast);
  }

  void validate_now(Curves& curves) {
    if (!validator_) {
      save_best(-1);
      return;
    }
    const auto network = make_network(options_.network, options_.network_file);
    network->to(device_);
    load_state_strictly(*network, state_.average, "moving average");
    use_channels_last(*network);
    network->eval();
    network->fold();
    const Predictor predict = [&](const std::vector<std::vector<cv::Mat>>& views) {
      const c10::InferenceMode inference;
      return planes_from_tensor(network->forward(network_input(views)));
    };
    const Validation result = validator_(predict);
    curves.add(state_.step, state_.seconds, last_mean_, learning_rate(), last_rate_, &result);
    nlohmann::json point = {{"step", state_.step},
                            {"hours", std::round(state_.seconds / 36) / 100},
                            {"dice", std::round(result.mean_dice * 1e4) / 1e4}};
    for (const auto& [name, error] : result.angle_error_deg) {
      point["mae_" + name + "_deg"] =
          error ? nlohmann::json(std::round(*error * 100) / 100) : nlohmann::json(nullptr);
    }
    state_.curve.push_back(point);
    message("validation at step " + std::to_string(state_.step) + ": " + summary(result));
    if (result.mean_dice >= state_.best_dice) save_best(result.mean_dice);
  }

  void save_best(double dice) {
    state_.best_dice = dice;
    save_network(options_.output / "best.safetensors", *state_.network, state_.average, input_,
                 output_names(), torch::kHalf);
    write_record();
  }

  void save() {
    save_run_state(checkpoint_file(), state_);
    write_record();
  }

  void write_record() {
    nlohmann::json record = options_.record;
    record.erase("part");
    parts_.back()["samples"] = samples_;
    record["parts"] = parts_;
    record["architecture"] = state_.network->config();
    record["input"] = to_json(input_);
    record["data"] = films_.description();
    record["batch"] = options_.batch;
    record["learning_rate"] = options_.learning_rate;
    record["seed"] = options_.seed;
    record["precision"] = precision_ == Precision::bf16 ? "bf16" : "fp32";
    record["steps"] = state_.step;
    record["samples"] = std::accumulate(parts_.begin(), parts_.end(), std::uint64_t{0},
                                        [](std::uint64_t sum, const nlohmann::json& part) {
                                          return sum + part.value("samples", std::uint64_t{0});
                                        });
    record["hours"] = std::round(state_.seconds / 36) / 100;
    record["best_validation_dice"] = std::round(state_.best_dice * 1e4) / 1e4;
    record["validation_curve"] = state_.curve;
    write_file_atomically(options_.output / "training.json", record.dump(2) + "\n");
  }

  void report(const Loss& mean, double rate) {
    const double done = progress();
    const double part = seconds_since(start_) + earlier_seconds_;
    const double left = done > 0 ? part * (1 - done) / done : 0;
    char line[200];
    std::snprintf(line, sizeof line,
                  "step %llu  %.1f %%  loss %.4f (Dice %.4f, BCE %.4f)  %.1f films/s  %zu films  "
                  "%s left",
                  static_cast<unsigned long long>(state_.step), 100 * done, mean.total, mean.dice,
                  mean.bce, rate, films_.count(), duration_text(left).c_str());
    if (hooks_.progress_line) hooks_.progress_line(line);
  }

  void message(const std::string& text) const {
    if (hooks_.message) hooks_.message(text);
  }

  const SegmentationOptions& options_;
  FilmSource& films_;
  const Validator& validator_;
  const SegmentationHooks& hooks_;
  InputSpec input_;
  torch::Device device_;
  Precision precision_;
  RunState state_;
  Clock::time_point start_;
  double earlier_seconds_ = 0;
  nlohmann::json parts_;       ///< of training.json; the last is this one
  std::uint64_t samples_ = 0;  ///< of this part
  int bad_steps_ = 0;
  Loss last_mean_;
  double last_rate_ = 0;
};

}  // namespace

InputSpec training_input(const SegmentationOptions& options) {
  const auto network = options.network;
  InputSpec input;
  const auto count = static_cast<std::size_t>(network.value("views", 6));
  input.size = network.value("input_size", 256);
  if (!options.views.empty()) {
    input.views = options.views;
  } else if (count < input.views.size()) {
    input.views.resize(count);
  }
  if (input.views.size() != count) {
    throw Error(ErrorKind::usage, options.network_file + ": the network takes " +
                                      std::to_string(count) + " views, found " +
                                      std::to_string(input.views.size()));
  }
  return input;
}

SegmentationResult train_segmentation(const SegmentationOptions& options, FilmSource& films,
                                      const Validator& validator, const SegmentationHooks& hooks) {
  return Trainer(options, films, validator, hooks).run();
}

}  // namespace spine::train
