#include "spine/train/endplate_training.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/core/statistics.h"
#include "spine/nets/endplate_net.h"
#include "spine/nets/precision.h"
#include "spine/train/trainer.h"

namespace spine::train {
namespace {

using torch::Tensor;

// Indices into kEndplateOutputs.
enum Output : std::int64_t {
  kFront,
  kBack,
  kHeight,
  kSlope,
  kEndsDeviation,
  kHeightSpread,
  kSlopeDeviation
};

constexpr double kCourseWeight = 0.5, kEndsWeight = 0.15;
// Standard deviations of the target distributions of the maps, in sides of the window.
constexpr double kCourseWidth = 0.015, kEndsWidth = 0.025;

/// [N, 4]: front, back, height, slope.
Tensor truth_of(const std::vector<const EndplateExample*>& examples) {
  Tensor truth = torch::empty({static_cast<std::int64_t>(examples.size()), 4});
  auto values = truth.accessor<float, 2>();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const EndplateEstimate& estimate = examples[i]->truth;
    const auto row = static_cast<std::int64_t>(i);
    values[row][kFront] = static_cast<float>(estimate.front);
    values[row][kBack] = static_cast<float>(estimate.back);
    values[row][kHeight] = static_cast<float>(estimate.height);
    values[row][kSlope] = static_cast<float>(estimate.slope);
  }
  return truth;
}

/// exp(-z^2/2) of distances in standard deviations, adding up to 1 over the last dimension.
Tensor bell(const Tensor& z) { return torch::softmax(-0.5 * z * z, -1); }

/// Loss terms of the windows of one shard.
struct ShardTerms {
  double weight = 0;        ///< fraction of the batch's windows
  Tensor likelihood, ends;  ///< means over the windows
  Tensor course;            ///< sum over image columns between both ends
  Tensor course_columns;    ///< their number
};

/// Loss of a batch.
struct EndplateLoss {
  double total = 0, likelihood = 0, course = 0, ends = 0;
  EndplateLoss& operator+=(const EndplateLoss& other) {
    total += other.total;
    likelihood += other.likelihood;
    course += other.course;
    ends += other.ends;
    return *this;
  }
};

/// Cross-entropy of the rows of the image columns between both ends: their sum and number.
ShardTerms course_loss(const Tensor& course, const Tensor& truth) {
  const Tensor places = cell_middles(course.size(1), course.device());
  const Tensor columns = places.unsqueeze(0);  // [1, S]
  const Tensor front = truth.select(1, kFront).unsqueeze(1);
  const Tensor back = truth.select(1, kBack).unsqueeze(1);
  const Tensor between = torch::logical_and(columns >= front, columns <= back).to(torch::kFloat);
  const Tensor rows =
      truth.select(1, kHeight).unsqueeze(1) + truth.select(1, kSlope).unsqueeze(1) * columns;
  const Tensor wanted =
      bell((places.reshape({1, 1, -1}) - rows.unsqueeze(2)) / kCourseWidth);  // [N, column, row]
  const Tensor cross = -(wanted * course.transpose(1, 2)).sum(2);
  ShardTerms terms;
  terms.course = (cross * between).sum();
  terms.course_columns = between.sum();
  return terms;
}

Tensor ends_loss(const Tensor& ends, const Tensor& truth) {
  const std::int64_t side = ends.size(3);
  const Tensor places = cell_middles(side, ends.device());
  Tensor sum = torch::zeros({}, places.options());
  for (const Output end : {kFront, kBack}) {
    const Tensor x = truth.select(1, end).reshape({-1, 1, 1});
    const Tensor y = truth.select(1, kHeight).reshape({-1, 1, 1}) +
                     truth.select(1, kSlope).reshape({-1, 1, 1}) * x;
    const Tensor dx = (places.reshape({1, 1, side}) - x) / kEndsWidth;
    const Tensor dy = (places.reshape({1, side, 1}) - y) / kEndsWidth;
    const Tensor wanted = torch::softmax(-0.5 * (dx * dx + dy * dy).flatten(1), 1);
    sum = sum - (wanted * ends.select(1, end).flatten(1)).sum(1).mean();
  }
  return 0.5 * sum;
}

/// Negative log-likelihood of the predicted Laplace distributions.
Tensor negative_log_likelihood(const Tensor& answer, const Tensor& truth) {
  const auto term = [&](Output value, Output deviation) {
    const Tensor log_scale = answer.select(1, deviation);
    const Tensor apart = torch::abs(answer.select(1, value) - truth.select(1, value));
    return (apart * torch::exp(-log_scale) + log_scale).mean();
  };
  return term(kSlope, kSlopeDeviation) + term(kHeight, kHeightSpread) +
         0.5 * (term(kFront, kEndsDeviation) + term(kBack, kEndsDeviation));
}

class EndplateTrainer : public Trainer {
 public:
  EndplateTrainer(const TrainingOptions& options, FilmSource& films,
                  const std::vector<EndplateExample>& validation, const TrainingHooks& hooks)
      : Trainer(options, films, hooks, endplate_input(options), output_names(Target::endplates)),
        options_(options) {
    if (!std::dynamic_pointer_cast<EndplateNet>(state().network)) {
      throw Error(ErrorKind::usage,
                  options.network_file + ": expected architecture \"endplate_net\"");
    }
    for (const EndplateExample& example : validation) validation_.push_back(&example);
  }

 private:
  [[nodiscard]] std::string score_name() const override { return "within_2_deg"; }
  [[nodiscard]] std::vector<std::string> loss_columns() const override {
    return {"loss", "negative_log_likelihood", "course", "ends"};
  }
  [[nodiscard]] std::vector<std::string> score_columns() const override {
    return {"within_2_deg", "turn_mean_deg", "turn_median_deg",
            "height_mean",  "ends_mean",     "turn_in_90"};
  }

  [[nodiscard]] Tensor input_of(const std::vector<const EndplateExample*>& examples) const {
    std::vector<std::vector<cv::Mat>> squares;
    squares.reserve(examples.size());
    for (const EndplateExample* example : examples) squares.push_back({example->square});
    return network_input(squares);
  }

  /// A film has about ten windows.
  [[nodiscard]] int default_shards() const override { return std::min(2, options_.batch); }

  std::vector<double> train_step(const std::vector<Sample>& samples) override {
    std::vector<const EndplateExample*> examples;
    for (const Sample& sample : samples) {
      for (const EndplateExample& example : sample.endplates) examples.push_back(&example);
    }
    if (examples.empty()) return std::vector<double>(loss_columns().size(), 0.0);
    const Tensor truth = truth_of(examples).to(device());
    const Tensor windows = input_of(examples);
    set_learning_rate(*state().optimizer);
    state().optimizer->zero_grad();
    const EndplateLoss loss = gradient(windows, truth);
    take_step(loss.total);
    return {loss.total, loss.likelihood, loss.course, loss.ends};
  }

  /// Adds the gradients of the loss over all windows to those of the network's parameters.
  EndplateLoss gradient(const Tensor& windows, const Tensor& truth) {
    const std::int64_t count = windows.size(0);
    std::vector<ShardTerms> terms(shards().count());
    shards().for_each(state().step, count, [&](std::size_t i, Slice slice) {
      terms[i] = forward(dynamic_cast<EndplateNet&>(shards().network(i)), slice.of(windows),
                         slice.of(truth));
      terms[i].weight = static_cast<double>(slice.size()) / static_cast<double>(count);
    });
    Tensor columns;
    for (const ShardTerms& part : terms) {
      if (part.course_columns.defined()) {
        columns = columns.defined() ? columns + part.course_columns : part.course_columns;
      }
    }
    columns = columns.clamp_min(1);
    std::vector<EndplateLoss> losses(terms.size());
    shards().for_each(state().step, count, [&](std::size_t i, Slice) {
      const ShardTerms part = std::exchange(terms[i], {});
      const Tensor likelihood = part.likelihood * part.weight;
      const Tensor course = part.course / columns;
      const Tensor ends = part.ends * part.weight;
      const Tensor total = likelihood + kCourseWeight * course + kEndsWeight * ends;
      total.backward();
      losses[i] = {total.item<double>(), likelihood.item<double>(), course.item<double>(),
                   ends.item<double>()};
    });
    shards().gather(count);
    EndplateLoss sum;
    for (const EndplateLoss& loss : losses) sum += loss;
    return sum;
  }

  ShardTerms forward(EndplateNet& net, const Tensor& windows, const Tensor& truth) const {
    EndplateMaps maps;
    {
      const MixedPrecision mixed(precision(), device());
      maps = net.forward_maps(windows);
    }
    ShardTerms terms = course_loss(maps.course, truth);
    terms.likelihood = negative_log_likelihood(maps.answer, truth);
    terms.ends = ends_loss(maps.ends, truth);
    return terms;
  }

  std::optional<Judgement> judge(Network& average) override {
    if (validation_.empty()) return std::nullopt;
    constexpr std::size_t kBatch = 64;
    constexpr double kGood = 2;           // degrees
    const double in_90 = std::log(10.0);  // of a Laplace distribution, in scales
    std::vector<double> turns;
    double height = 0, ends = 0, covered = 0;
    for (std::size_t from = 0; from < validation_.size(); from += kBatch) {
      const std::vector<const EndplateExample*> part(
          validation_.begin() + static_cast<std::ptrdiff_t>(from),
          validation_.begin() +
              static_cast<std::ptrdiff_t>(std::min(from + kBatch, validation_.size())));
      const c10::InferenceMode inference;
      const Tensor answer = average.forward(input_of(part)).flatten(1).to(torch::kCPU).contiguous();
      const auto values = answer.accessor<float, 2>();
      for (std::size_t i = 0; i < part.size(); ++i) {
        const auto row = values[static_cast<std::int64_t>(i)];
        const EndplateEstimate& truth = part[i]->truth;
        turns.push_back(deg_from_rad(std::abs(std::atan(row[kSlope]) - std::atan(truth.slope))));
        height += std::abs(row[kHeight] - truth.height);
        ends += 0.5 * (std::abs(row[kFront] - truth.front) + std::abs(row[kBack] - truth.back));
        if (std::abs(row[kSlope] - truth.slope) < in_90 * std::exp(row[kSlopeDeviation])) ++covered;
      }
    }
    const auto count = static_cast<double>(turns.size());
    double sum = 0, good = 0;
    for (const double turn : turns) {
      sum += turn;
      good += turn < kGood ? 1 : 0;
    }
    const double middle = median(turns);
    const auto rounded = [](double v) { return std::round(v * 1e4) / 1e4; };

    Judgement judgement;
    judgement.score = good / count;
    judgement.columns = {good / count,   sum / count,  middle,
                         height / count, ends / count, covered / count};
    judgement.point = {{"within_2_deg", rounded(good / count)},
                       {"turn_mean_deg", rounded(sum / count)},
                       {"turn_median_deg", rounded(middle)}};
    char text[160];
    std::snprintf(text, sizeof text,
                  "angle error %.2f deg mean, %.2f median, %.1f %% below 2; "
                  "height error %.4f, ends %.4f sides; %.1f %% in the 90 %% interval",
                  sum / count, middle, 100 * good / count, height / count, ends / count,
                  100 * covered / count);
    judgement.summary = text;
    return judgement;
  }

  const TrainingOptions& options_;
  std::vector<const EndplateExample*> validation_;
};

}  // namespace

InputSpec endplate_input(const TrainingOptions& options) {
  InputSpec input;
  input.size = options.network.value("input_size", 96);
  input.views = {"original"};
  return input;
}

TrainingResult train_endplates(const TrainingOptions& options, FilmSource& films,
                               const std::vector<EndplateExample>& validation,
                               const TrainingHooks& hooks) {
  return EndplateTrainer(options, films, validation, hooks).run();
}

}  // namespace spine::train
