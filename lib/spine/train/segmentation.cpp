#include "spine/train/segmentation.h"

#include <cmath>

#include <torch/torch.h>

#include "spine/core/error.h"
#include "spine/infer/tensor_convert.h"
#include "spine/train/segmentation_step.h"
#include "spine/train/trainer.h"

namespace spine::train {
namespace {

using torch::Tensor;

class SegmentationTrainer : public Trainer {
 public:
  SegmentationTrainer(const SegmentationOptions& options, FilmSource& films,
                      const Validator& validator, const TrainingHooks& hooks)
      : Trainer(options, films, hooks, training_input(options),
                output_names(options.augment.target)),
        options_(options),
        validator_(validator),
        outputs_(output_names(options.augment.target)) {
    const auto classes = static_cast<std::size_t>(state().network->classes());
    if (classes != outputs_.size()) {
      throw Error(ErrorKind::usage, options.network_file + ": expected " +
                                        std::to_string(outputs_.size()) + " classes, found " +
                                        std::to_string(classes));
    }
  }

 private:
  [[nodiscard]] std::string score_name() const override { return "dice"; }
  [[nodiscard]] std::vector<std::string> loss_columns() const override {
    return {"loss", "loss_dice", "loss_bce"};
  }
  [[nodiscard]] std::vector<std::string> score_columns() const override {
    std::vector<std::string> names{"dice"};
    for (const auto& name : outputs_) names.push_back("dice_" + name);
    for (const std::string name : kMainAngles) names.push_back("mae_" + name + "_deg");
    return names;
  }

  [[nodiscard]] int default_shards() const override { return shards_for_films(options_.batch); }

  std::vector<double> train_step(const std::vector<Sample>& samples) override {
    std::vector<std::vector<cv::Mat>> views;
    std::vector<std::vector<cv::Mat>> targets;
    for (const auto& sample : samples) {
      views.push_back(sample.views);
      targets.push_back(sample.targets);
    }
    const Tensor planes = network_input(views);
    const Tensor target =
        tensor_from_coverage(targets).to(device()).contiguous(at::MemoryFormat::ChannelsLast);

    set_learning_rate(*state().optimizer);
    state().optimizer->zero_grad();
    const LossValue loss =
        segmentation_gradient(shards(), state().step, planes, target,
                              {.precision = precision(),
                               .device = device(),
                               .coarse_weight = options_.coarse_weight,
                               .match_heads = options_.augment.target == Target::structures});
    take_step(loss.total);
    return {loss.total, loss.dice, loss.bce};
  }

  std::optional<Judgement> judge(Network& average) override {
    if (!validator_) return std::nullopt;
    const Predictor predict = [&](const std::vector<std::vector<cv::Mat>>& views) {
      const c10::InferenceMode inference;
      return planes_from_tensor(average.forward(network_input(views)));
    };
    const Validation result = validator_(predict);
    Judgement judgement;
    judgement.score = result.mean_dice;
    judgement.summary = summary(result);
    judgement.columns = {result.mean_dice};
    for (const auto& name : outputs_) judgement.columns.emplace_back(result.dice.at(name));
    judgement.point = {{"dice", std::round(result.mean_dice * 1e4) / 1e4}};
    for (const std::string name : kMainAngles) {
      const auto error = result.angle_error_deg.find(name);
      if (error == result.angle_error_deg.end()) {
        judgement.columns.emplace_back();
        continue;
      }
      judgement.columns.push_back(error->second);
      judgement.point["mae_" + name + "_deg"] =
          error->second ? nlohmann::json(std::round(*error->second * 100) / 100)
                        : nlohmann::json(nullptr);
    }
    return judgement;
  }

  const SegmentationOptions& options_;
  const Validator& validator_;
  std::vector<std::string> outputs_;
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

void choose_preprocessing(const std::string& name, SegmentationOptions& options) {
  options.views = preprocessing_views(name);
  options.network["views"] = options.views.size();
  options.network["pen"]["enabled"] = options.views.size() > 1;
}

TrainingResult train_segmentation(const SegmentationOptions& options, FilmSource& films,
                                  const Validator& validator, const TrainingHooks& hooks) {
  return SegmentationTrainer(options, films, validator, hooks).run();
}

}  // namespace spine::train
