#include "spine/train/reconstruction.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <utility>

#include "spine/core/error.h"
#include "spine/infer/tensor_convert.h"
#include "spine/io/image_io.h"
#include "spine/nets/precision.h"
#include "spine/nets/vqgan.h"
#include "spine/train/image_similarity.h"
#include "spine/train/trainer.h"
#include "spine/train/vector_quantizer.h"

namespace spine::train {
namespace {

using torch::Tensor;

/// Parts needed for training only.
class Helper : public torch::nn::Module {
 public:
  Helper(const ReconstructionOptions& options, const VqganConfig& network) {
    codes =
        register_module("codes", std::make_shared<VectorQuantizer>(network.codes, network.embed));
    if (options.adversarial_weight > 0) {
      critic = register_module(
          "critic", std::make_shared<PatchDiscriminator>(network.channels, options.critic_width,
                                                         options.critic_layers));
    }
  }
  std::shared_ptr<VectorQuantizer> codes;
  std::shared_ptr<PatchDiscriminator> critic;  ///< null without an adversarial term
};

class ReconstructionTrainer : public Trainer {
 public:
  ReconstructionTrainer(const ReconstructionOptions& options, FilmSource& films,
                        const std::vector<cv::Mat>& validation, const TrainingHooks& hooks)
      : Trainer(options, films, hooks, reconstruction_input(options), {"film"}),
        options_(options),
        validation_(validation),
        vqgan_(std::dynamic_pointer_cast<Vqgan>(state().network)) {
    if (!vqgan_) {
      throw Error(ErrorKind::usage, options.network_file + ": expected architecture \"vqgan\"");
    }
    vqgan_->codebook().set_requires_grad(false);  // learned by the helper
    helper_ = std::make_shared<Helper>(options, vqgan_config(vqgan_->config(), "network"));
    helper_->to(device());
    if (!options.start.empty()) helper_->codes->start_from(vqgan_->codebook());
    state().helper = helper_;
    if (helper_->critic) {
      state().helper_optimizer = std::make_unique<torch::optim::AdamW>(
          helper_->critic->parameters(),
          torch::optim::AdamWOptions(1e-3).betas({0.5, 0.9}).weight_decay(0));
    }
  }

 private:
  [[nodiscard]] std::string score_name() const override { return "psnr"; }
  [[nodiscard]] std::vector<std::string> loss_columns() const override {
    return {"loss",      "pixel",       "gradient", "structure", "hidden",
            "quantiser", "adversarial", "critic",   "perplexity"};
  }
  [[nodiscard]] std::vector<std::string> score_columns() const override {
    return {"psnr", "ssim", "validation_perplexity", "codes_used"};
  }

  std::vector<double> train_step(const std::vector<Sample>& samples) override {
    std::vector<std::vector<cv::Mat>> views;
    std::vector<std::vector<cv::Mat>> bare;
    for (const auto& sample : samples) {
      views.push_back(sample.views);
      bare.emplace_back(sample.views.size(), sample.square);
    }
    const Tensor seen = network_input(views);
    const Tensor films = network_input(bare);  // targets

    set_learning_rate(*state().optimizer);
    state().optimizer->zero_grad();
    Tensor latent;
    Quantised quantised;
    Tensor reconstruction;
    {
      const MixedPrecision mixed(precision(), device());
      latent = vqgan_->encode(seen);
      if (progress() >= options_.quantiser_start) {
        if (!helper_->codes->started()) helper_->codes->start(latent, vqgan_->codebook());
        quantised = vqgan_->quantise(latent);
      } else {
        quantised = {latent, {}, torch::zeros({}, films.options())};
      }
      reconstruction = vqgan_->decode(quantised.latent);
    }
    reconstruction = reconstruction.to(torch::kFloat);

    const Tensor pixel = (reconstruction - films).abs().mean();
    const Tensor gradient = gradient_difference(reconstruction, films);
    const Tensor structure = 1 - structural_similarity(reconstruction, films, 2);
    const Tensor hidden = difference_where_hidden(reconstruction, films, seen);
    const Tensor image_similarity = pixel + options_.gradient_weight * gradient +
                                    options_.structure_weight * structure +
                                    options_.hidden_weight * hidden;
    Tensor loss = image_similarity + quantised.loss;
    Tensor adversarial = torch::zeros({});
    const bool judged = helper_->critic && progress() >= options_.adversarial_start;
    if (judged) {
      adversarial = -helper_->critic->forward(reconstruction).mean();
      loss = loss + adaptive_weight(image_similarity, adversarial) * adversarial;
    }
    loss.backward();
    const bool sound = take_step(loss.item<double>());
    double perplexity = 0;
    if (quantised.codes.defined()) {
      if (sound) helper_->codes->learn(latent, quantised.codes, vqgan_->codebook());
      perplexity = code_usage(quantised.codes, vqgan_->codebook().size(0)).perplexity;
    }
    const double critic = judged ? train_critic(films, reconstruction.detach()) : 0;
    return {loss.item<double>(),
            pixel.item<double>(),
            gradient.item<double>(),
            structure.item<double>(),
            hidden.item<double>(),
            quantised.loss.item<double>(),
            adversarial.item<double>(),
            critic,
            perplexity};
  }

  /// Mean absolute difference over erased pixels; 0 if there are none.
  static Tensor difference_where_hidden(const Tensor& reconstruction, const Tensor& films,
                                        const Tensor& seen) {
    const Tensor hidden = (seen - films).abs().gt(1e-3).to(torch::kFloat);
    return ((reconstruction - films).abs() * hidden).sum() / hidden.sum().clamp_min(1);
  }

  /// Adaptive weight (Esser et al. 2021, eq. 7): equal gradient at the last layer of the decoder as
  /// the other terms.
  [[nodiscard]] double adaptive_weight(const Tensor& image_similarity,
                                       const Tensor& adversarial) const {
    const Tensor weight = vqgan_->last_weight();
    const auto norm = [&](const Tensor& loss) {
      return torch::autograd::grad({loss}, {weight}, {}, /*retain_graph=*/true)[0]
          .norm()
          .item<double>();
    };
    const double ratio = norm(image_similarity) / (norm(adversarial) + 1e-4);
    return options_.adversarial_weight * std::clamp(ratio, 0.0, 1e4);
  }

  /// Hinge loss. @returns its value
  double train_critic(const Tensor& films, const Tensor& reconstruction) {
    set_learning_rate(*state().helper_optimizer);
    state().helper_optimizer->zero_grad();
    const Tensor loss = 0.5 * (torch::relu(1 - helper_->critic->forward(films)).mean() +
                               torch::relu(1 + helper_->critic->forward(reconstruction)).mean());
    loss.backward();
    state().helper_optimizer->step();
    return loss.item<double>();
  }

  std::optional<Judgement> judge(Network& average) override {
    if (validation_.empty()) return std::nullopt;
    auto& vqgan = dynamic_cast<Vqgan&>(average);
    const c10::InferenceMode inference;
    std::vector<Tensor> films;
    std::vector<Tensor> reconstruction;
    std::vector<Tensor> codes;
    for (const cv::Mat& square : validation_) {
      films.push_back(network_input({std::vector<cv::Mat>(input().views.size(), square)}));
      const Quantised quantised = vqgan.quantise(vqgan.encode(films.back()));
      codes.push_back(quantised.codes);
      reconstruction.push_back(vqgan.decode(quantised.latent).clamp(-1, 1));
    }
    write_sheet(films, reconstruction);
    const Tensor a = torch::cat(films);
    const Tensor b = torch::cat(reconstruction);
    const CodeUsage usage = code_usage(torch::cat(codes), vqgan.codebook().size(0));
    const double psnr = peak_signal_to_noise(a, b, 2);
    const double ssim = structural_similarity(a, b, 2).item<double>();
    char text[120];
    std::snprintf(text, sizeof text, "PSNR %.2f dB, SSIM %.3f, perplexity %.0f, %.0f %% of codes",
                  psnr, ssim, usage.perplexity, 100 * usage.used);
    return Judgement{.score = psnr,
                     .columns = {psnr, ssim, usage.perplexity, usage.used},
                     .point = {{"psnr_db", std::round(psnr * 100) / 100},
                               {"ssim", std::round(ssim * 1e4) / 1e4},
                               {"perplexity", std::round(usage.perplexity)}},
                     .summary = text};
  }

  /// Films in the first row, reconstructions in the second.
  void write_sheet(const std::vector<Tensor>& films,
                   const std::vector<Tensor>& reconstruction) const {
    const std::size_t shown = std::min<std::size_t>(8, films.size());
    cv::Mat sheet;
    for (const auto* row : {&films, &reconstruction}) {
      cv::Mat strip;
      for (std::size_t i = 0; i < shown; ++i) {
        cv::Mat grey;
        planes_from_tensor((*row)[i])[0][0].convertTo(grey, CV_8U, 127.5, 127.5);
        if (strip.empty()) {
          strip = grey;
        } else {
          cv::hconcat(strip, grey, strip);
        }
      }
      if (sheet.empty()) {
        sheet = strip;
      } else {
        cv::vconcat(sheet, strip, sheet);
      }
    }
    write_image(options_.output / "reconstructions.png", sheet);
  }

  void add_to_record(nlohmann::json& record) const override {
    record["cover_chance"] = options_.augment.erasing_chance;
    record["loss"] = {{"pixel", 1.0},
                      {"gradient", options_.gradient_weight},
                      {"structure", options_.structure_weight},
                      {"hidden", options_.hidden_weight},
                      {"adversarial", options_.adversarial_weight},
                      {"adversarial_start", options_.adversarial_start}};
  }

  const ReconstructionOptions& options_;
  const std::vector<cv::Mat>& validation_;
  std::shared_ptr<Vqgan> vqgan_;
  std::shared_ptr<Helper> helper_;
};

}  // namespace

InputSpec reconstruction_input(const TrainingOptions& options) {
  const VqganConfig network = vqgan_config(options.network, options.network_file);
  InputSpec input;
  input.size = static_cast<int>(network.input_size);
  input.views.assign(static_cast<std::size_t>(network.channels), "original");
  return input;
}

TrainingResult train_vqgan(const ReconstructionOptions& options, FilmSource& films,
                           const std::vector<cv::Mat>& validation, const TrainingHooks& hooks) {
  const auto bare = without_implants(films);
  return ReconstructionTrainer(options, *bare, validation, hooks).run();
}

}  // namespace spine::train
