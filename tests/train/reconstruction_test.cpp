#include "spine/train/reconstruction.h"

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include "training_record.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"

using namespace spine;
using test::training_record;

namespace {

train::ReconstructionOptions tiny_reconstruction(const std::filesystem::path& output) {
  train::ReconstructionOptions options;
  options.network = test::tiny_vqgan_config(32);
  options.network_file = "tiny";
  options.output = output;
  options.steps = 4;
  options.batch = 2;
  options.warmup_steps = 2;
  options.learning_rate = 2e-3;
  options.weight_decay = 0;
  options.device = "cpu";
  options.precision = "fp32";
  options.threads = 1;
  options.critic_width = 4;
  options.critic_layers = 1;
  options.quantiser_start = 0.25;
  options.adversarial_start = 0.5;
  return options;
}

/// Shows an implant in every other film.
class HalfImplanted : public train::FilmSource {
 public:
  [[nodiscard]] train::TrainingFilm draw(sim::Rng& rng) const override {
    train::TrainingFilm film{test::phantom_paths(), {}};
    if (rng.chance(0.5)) film.paths.implant = cv::Mat(film.paths.structures.size(), CV_8UC1, 255);
    return film;
  }
  [[nodiscard]] std::size_t count() const override { return 2; }
  [[nodiscard]] std::string description() const override { return "half"; }
};

class AllImplanted : public HalfImplanted {
 public:
  [[nodiscard]] train::TrainingFilm draw(sim::Rng& rng) const override {
    rng.next();
    train::TrainingFilm film{test::phantom_paths(), {}};
    film.paths.implant = cv::Mat(film.paths.structures.size(), CV_8UC1, 255);
    return film;
  }
};

}  // namespace

TEST_CASE("a run passes through all phases, and stopping changes nothing") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto whole = train_vqgan(tiny_reconstruction(folder / "whole"), films, {}, {});
  CHECK(whole.finished);
  auto options = tiny_reconstruction(folder / "parts");
  train::TrainingHooks stop;
  stop.stop = [asked = 0]() mutable { return asked++ >= 3; };
  CHECK_FALSE(train_vqgan(options, films, {}, stop).finished);
  options.resume = true;
  CHECK(train_vqgan(options, films, {}, {}).steps == 4);
  const auto a = state_of(*load_network(folder / "whole" / "best.safetensors").network);
  const auto b = state_of(*load_network(folder / "parts" / "best.safetensors").network);
  for (const auto& [name, tensor] : a) {
    INFO(name);
    CHECK(torch::equal(tensor, b.at(name)));
  }
}

TEST_CASE("reconstructions improve and are written") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_reconstruction(folder / "run");
  options.steps = 60;
  options.adversarial_weight = 0;
  options.augment.grey_strength = 0;
  cv::Mat square(32, 32, CV_32FC1, cv::Scalar(0.2));
  square(cv::Rect(8, 4, 10, 20)) = 0.8;
  const auto first = [&] {
    auto short_options = tiny_reconstruction(folder / "short");
    short_options.steps = 2;
    return train_vqgan(short_options, films, {square}, {}).best_score;
  }();
  CHECK(train_vqgan(options, films, {square}, {}).best_score > first);
  const auto record = training_record(folder / "run");
  CHECK(record.at("validation_curve").back().at("psnr_db").is_number());
  CHECK(record.at("validation_curve").back().at("perplexity").is_number());
  CHECK(record.at("loss").at("adversarial") == 0);
  CHECK(std::filesystem::exists(folder / "run" / "reconstructions.png"));
}

TEST_CASE("films with implants are skipped") {
  const test::TempDir folder;
  HalfImplanted half;
  auto options = tiny_reconstruction(folder / "run");
  options.steps = 1;
  CHECK(train_vqgan(options, half, {}, {}).finished);
  CHECK(training_record(folder / "run").at("data") == "half, without implants");
  AllImplanted all;
  CHECK_THROWS_AS(train_vqgan(tiny_reconstruction(folder / "none"), all, {}, {}), Error);
}

TEST_CASE("another architecture is rejected") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_reconstruction(folder / "run");
  options.network["architecture"] = "trans_unet";
  CHECK_THROWS_AS(train_vqgan(options, films, {}, {}), Error);
}
