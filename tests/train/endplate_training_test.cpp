#include "spine/train/endplate_training.h"

#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/infer/checkpoint.h"

using namespace spine;
using namespace spine::train;

namespace {

TrainingOptions tiny_endplate_training(const std::filesystem::path& output) {
  TrainingOptions options;
  options.network = {{"architecture", "endplate_net"},
                     {"input_size", 32},
                     {"stem_width", 8},
                     {"widths", {8, 8, 8}},
                     {"groups", 4}};
  options.network_file = "tiny";
  options.output = output;
  options.steps = 120;
  options.batch = 4;
  options.warmup_steps = 5;
  options.learning_rate = 1e-2;
  options.ema_decay = 0.9;
  options.device = "cpu";
  options.precision = "fp32";
  options.threads = 1;
  options.augment.target = Target::endplates;
  options.augment.grey_strength = 0;
  options.augment.inversion_chance = 0;
  options.augment.no_film_chance = 0;
  return options;
}

/// Mean distance of the line from the truth in the middle of windows, in sides.
double height_error(const std::filesystem::path& weights,
                    const std::vector<EndplateExample>& examples) {
  const auto loaded = load_network(weights);
  const torch::NoGradGuard no_grad;
  double sum = 0;
  for (const auto& example : examples) {
    torch::Tensor window =
        torch::from_blob(example.square.data, {1, 1, 32, 32}, torch::kFloat).clone();
    window = (window - loaded.input.mean) / loaded.input.std;
    const auto answer = loaded.network->forward(window);
    sum += std::abs(answer[0][2][0][0].item<double>() - example.truth.height);
  }
  return sum / static_cast<double>(examples.size());
}

/// Windows like those for training, with another seed.
std::vector<EndplateExample> other_examples(const AugmentOptions& options) {
  const TrainingFilm film{test::phantom_paths(), {}};
  std::vector<EndplateExample> examples;
  for (std::uint64_t seed = 500; seed < 520; ++seed) {
    for (auto& example : draw_endplates(film, 32, options, sim::Rng(seed))) {
      examples.push_back(std::move(example));
    }
  }
  return examples;
}

}  // namespace

TEST_CASE("A network learns to predict endplates and is validated on others") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto examples = other_examples(tiny_endplate_training({}).augment);
  const auto result = train_endplates(tiny_endplate_training(folder / "run"), films, examples, {});
  CHECK(result.finished);
  CHECK(result.best_score >= 0);
  const auto loaded = load_network(folder / "run" / "best.safetensors");
  CHECK(loaded.outputs == output_names(Target::endplates));
  CHECK(loaded.input.views == std::vector<std::string>{"original"});

  auto untrained = tiny_endplate_training(folder / "untrained");
  untrained.steps = 1;
  untrained.learning_rate = 1e-9;
  train_endplates(untrained, films, {}, {});
  CHECK(height_error(folder / "run" / "best.safetensors", examples) <
        0.5 * height_error(folder / "untrained" / "best.safetensors", examples));
}

TEST_CASE("Endplate weights do not depend on the number of threads, and hardly on shards") {
  const test::TempDir folder;
  test::PhantomSource films;
  const auto state_after = [&](const std::string& name, int shards, int threads) {
    auto options = tiny_endplate_training(folder / name);
    options.steps = 2;
    options.shards = shards;
    options.threads = threads;
    options.learning_rate = 1e-4;
    train_endplates(options, films, {}, {});
    return state_of(*load_network(folder / name / "best.safetensors").network);
  };
  const auto two = state_after("two", 2, 1), threads = state_after("threads", 2, 2),
             one = state_after("one", 1, 1);
  for (const auto& [name, tensor] : two) {
    INFO(name);
    CHECK(torch::equal(tensor, threads.at(name)));
    CHECK(torch::allclose(tensor, one.at(name), 1e-2, 1e-3));  // half precision
  }
}

TEST_CASE("Another architecture is rejected") {
  const test::TempDir folder;
  test::PhantomSource films;
  auto options = tiny_endplate_training(folder / "run");
  options.network = {{"architecture", "vqgan"}, {"input_size", 32}};
  CHECK_THROWS_AS(train_endplates(options, films, {}, {}), Error);
}
