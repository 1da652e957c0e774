#include "spine/train/commands.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <thread>

#include <unistd.h>

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/train/benchmark.h"
#include "spine/train/endplates.h"
#include "spine/train/path_cache.h"
#include "spine/train/run_record.h"

namespace spine::train {
namespace {

int thread_count(int asked) {
  return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Progress on stderr: one line that is rewritten on a terminal, a line each in a log.
void show_progress(const std::string& line) {
  if (::isatty(STDERR_FILENO) != 0) {
    std::cerr << '\r' << line << "\033[K" << std::flush;
  } else {
    std::cerr << line << std::endl;
  }
}
void show_message(const std::string& line) {
  if (::isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K";
  std::cerr << line << std::endl;
}

}  // namespace

Commands::Commands(int argc, const char* const* argv, std::function<bool()> stop)
    : argc_(argc), argv_(argv), stop_(std::move(stop)) {}

void Commands::declare(CLI::App& app) {
  app.require_subcommand(1);
  seg_ = app.add_subcommand("seg", "Train a segmentation network");
  cache_ = app.add_subcommand("cache", "Render path-length maps for training");
  export_ = app.add_subcommand("export", "Enter a run's best weights in a manifest");
  bench_ = app.add_subcommand("bench", "Measure films a second of a network");
  declare_seg(*seg_);
  declare_simulator(*cache_);
  cache_->add_option("--threads", options_.threads, "Threads; 0: all cores")->capture_default_str();
  declare_export(*export_);
  export_->add_option("-o,--output", options_.output, "Folder of the run")->required();
  declare_network(*bench_);
  bench_->add_option("--steps", bench_steps_, "Steps to time")->capture_default_str();
  endplates_ = app.add_subcommand("endplates", "Learn how outlines turn endplates");
  declare_endplates(*endplates_);
}

void Commands::declare_simulator(CLI::App& app) {
  app.add_option("--cache", films_.cache, "Folder of path-length maps; made if missing");
  app.add_option("--films,--cache-films", films_.cache_films,
                 "Patients to have in the cache; missing ones are rendered first");
  app.add_option("--anatomy", films_.anatomy, "Folder of real mean meshes");
  app.add_option("--anatomy-kind", films_.anatomy_kind, "parametric, meshes or mixed")
      ->check(CLI::IsMember({"parametric", "meshes", "mixed"}))
      ->capture_default_str();
  app.add_option("--first-seed", films_.first_seed, "First seed of training patients")
      ->capture_default_str();
  app.add_option("--last-seed", films_.last_seed, "Last seed of training patients")
      ->capture_default_str();
}

void Commands::declare_network(CLI::App& app) {
  app.add_option("--network", options_.network_file, "Configuration of the network (JSON)")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--batch", options_.batch, "Films a step")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--threads", options_.threads, "Threads of the network; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--device", options_.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", options_.precision, "auto, fp32 or bf16")->capture_default_str();
}

void Commands::declare_seg(CLI::App& app) {
  declare_network(app);
  declare_simulator(app);
  app.add_option("-o,--output", options_.output, "Folder of the run")->required();
  app.add_option("--data", films_.folder, "Train on films with masks of this folder");
  app.add_option("--views", options_.views, "Views of the film, e.g. original clahe");
  app.add_option("--steps", options_.steps, "Planned length in steps");
  app.add_option("--epochs", epochs_, "Planned length in passes over the cache or folder");
  app.add_option("--hours", options_.hours, "Planned length in hours, resumed parts included");
  app.add_option("--lr", options_.learning_rate, "Peak learning rate")->capture_default_str();
  app.add_option("--weight-decay", options_.weight_decay, "AdamW's weight decay")
      ->capture_default_str();
  app.add_option("--warmup", options_.warmup_steps, "Steps of warm-up")->capture_default_str();
  app.add_option("--clip", options_.clip_norm, "Largest norm of a gradient")->capture_default_str();
  app.add_option("--ema", options_.ema_decay, "Decay of the moving average of weights")
      ->capture_default_str();
  app.add_option("--coarse-weight", options_.coarse_weight,
                 "Weight of the loss on features at 1/8 of the resolution")
      ->capture_default_str();
  app.add_option("--start", options_.start,
                 "Weights to start from (.safetensors), maybe of another input size")
      ->check(CLI::ExistingFile);
  app.add_option("--seed", options_.seed, "Seed of everything random")->capture_default_str();
  app.add_option("--workers", options_.workers,
                 "Threads that prepare films beside the network; 0: between steps")
      ->capture_default_str();
  app.add_option("--validation-films", films_.validation_films, "Simulated films to validate on")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--validation-seed", films_.validation_seed, "First seed of validation patients")
      ->capture_default_str();
  app.add_option("--validation-minutes", options_.validation_minutes, "Time between validations")
      ->capture_default_str();
  app.add_option("--checkpoint-minutes", options_.checkpoint_minutes, "Time between checkpoints")
      ->capture_default_str();
  app.add_option("--grey-strength", options_.augment.grey_strength,
                 "Strength of grey-level augmentation")
      ->capture_default_str();
  app.add_flag("--close-up", options_.augment.close_up,
               "Train the second, magnified look at parts of a film; validated on such parts");
  app.add_flag("--resume", options_.resume, "Go on from the folder's checkpoint");
  app.add_option("--export", export_name_, "When done, enter the best weights under this name");
  app.add_option("--manifest", manifest_, "Manifest for --export")->capture_default_str();
  app.add_flag("--default", make_default_, "Make the exported weights the default");
}

void Commands::declare_export(CLI::App& app) {
  app.add_option("--name", export_name_, "Name of the weights")->required();
  app.add_option("--manifest", manifest_, "Manifest to enter them in")->capture_default_str();
  app.add_flag("--default", make_default_, "Make them the default");
  app.add_option("--close-up-of", close_up_of_, "Entry whose second, magnified look they are");
}

void Commands::declare_endplates(CLI::App& app) {
  app.add_option("truth", films_.folder, "Folder of studies with masks.tif and landmarks.json")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-o,--output", options_.output, "C++ source to write (endplate_turns.inc)")
      ->required();
  app.add_option("--ridge", ridge_, "Penalty of squared weights")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

bool Commands::run() {
  if (seg_->parsed()) return run_seg();
  if (cache_->parsed()) return run_cache();
  if (endplates_->parsed()) return run_endplates();
  if (bench_->parsed()) return run_bench();
  export_weights(options_.output, export_name_, manifest_, make_default_, close_up_of_);
  return true;
}

std::shared_ptr<const sim::Simulator> Commands::simulator() const {
  static const std::map<std::string, sim::AnatomyKind> kinds{
      {"parametric", sim::AnatomyKind::parametric},
      {"meshes", sim::AnatomyKind::meshes},
      {"mixed", sim::AnatomyKind::mixed}};
  sim::SimulateOptions options;
  options.anatomy = kinds.at(films_.anatomy_kind);
  options.anatomy_dir = films_.anatomy;
  if (options.anatomy != sim::AnatomyKind::parametric && films_.anatomy.empty()) {
    throw Error(ErrorKind::usage,
                "training: --anatomy-kind " + films_.anatomy_kind + " needs --anatomy FOLDER");
  }
  return std::make_shared<sim::Simulator>(options);
}

std::unique_ptr<FilmSource> Commands::film_source() {
  if (!films_.folder.empty()) return folder_films(films_.folder);
  if (films_.cache.empty()) {
    return simulated_films(simulator(), films_.first_seed, films_.last_seed);
  }
  if (films_.cache_films > 0) run_cache();
  return cached_films(films_.cache, films_.first_seed, films_.last_seed);
}

void Commands::load_network_config() {
  std::ifstream in(options_.network_file);
  options_.network = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (options_.network.is_discarded()) {
    throw Error(ErrorKind::usage, options_.network_file + ": not valid JSON");
  }
}

bool Commands::run_cache() {
  if (films_.cache.empty() || films_.cache_films == 0) {
    throw Error(ErrorKind::usage, "cache: expected --cache FOLDER and --films N");
  }
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t first_done = 0;
  PathCache(films_.cache)
      .fill(*simulator(), films_.first_seed, films_.cache_films, thread_count(options_.threads),
            stop_, [&](std::uint64_t done, std::uint64_t all) {
              if (first_done == 0) first_done = done;
              if (done % 10 != 0 && done != all) return;
              const double seconds =
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
              const double rate =
                  static_cast<double>(done - first_done + 1) / std::max(1e-3, seconds);
              char line[120];
              std::snprintf(
                  line, sizeof line, "cache: %llu of %llu films, %.1f films/s, %.0f min left",
                  static_cast<unsigned long long>(done), static_cast<unsigned long long>(all), rate,
                  static_cast<double>(all - done) / rate / 60);
              show_progress(line);
            });
  return !stop_();
}

Validator Commands::make_validator(const InputSpec& input) {
  const int count = films_.validation_films;
  const std::uint64_t first = films_.validation_seed;
  options_.record["validation_films"] = count;
  if (count == 0) return {};
  options_.record["validation_seeds"] =
      std::to_string(first) + "-" + std::to_string(first + static_cast<unsigned>(count) - 1);
  show_message("rendering " + std::to_string(count) + " validation films");
  if (options_.augment.close_up) {
    return [windows = validation_windows(*simulator(), first, count, input)](
               const Predictor& predict) { return validate_close_ups(predict, windows); };
  }
  return [films = validation_films(*simulator(), first, count, input),
          input](const Predictor& predict) { return validate(predict, films, input); };
}

bool Commands::run_seg() {
  load_network_config();
  options_.record["part"] = run_record(argc_, argv_);
  options_.record["anatomy"] = films_.anatomy_kind;
  const InputSpec input = training_input(options_);
  const auto films = film_source();
  if (stop_()) return false;
  if (epochs_ > 0 && films->count() > 0) {
    options_.steps = static_cast<std::uint64_t>(
        std::ceil(epochs_ * static_cast<double>(films->count()) / options_.batch));
  }
  options_.record["close_up"] = options_.augment.close_up;
  const Validator validator = make_validator(input);
  const SegmentationHooks hooks{stop_, show_message, show_progress};
  const auto result = train_segmentation(options_, *films, validator, hooks);
  show_message((result.finished ? "done after " : "stopped after ") + std::to_string(result.steps) +
               " steps, best Dice " + std::to_string(result.best_dice));
  if (!export_name_.empty() && result.finished) {
    export_weights(options_.output, export_name_, manifest_, make_default_);
  }
  return result.finished;
}

bool Commands::run_endplates() {
  const auto samples = endplate_samples(films_.folder);
  // Studies are sorted, so the last fifth shares next to no patient with the rest.
  const auto split = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 5 * 4);
  const std::vector<EndplateSample> first(samples.begin(), split), last(split, samples.end());
  const auto tried = fit_endplate_rules(first, ridge_);
  for (const std::size_t plate : {0, 1}) {
    std::cout << (plate == 0 ? "superior" : "inferior")
              << " endplates, last fifth: " << mean_turn_left(last, plate, {}) << " deg before, "
              << mean_turn_left(last, plate, tried[plate]) << " after\n";
  }
  const nlohmann::json record = run_record(argc_, argv_);
  write_text(options_.output,
             endplate_rules_source(fit_endplate_rules(samples, ridge_),
                                   record.at("command").get<std::string>() + ", " +
                                       std::to_string(samples.size()) + " bodies"));
  return true;
}

bool Commands::run_bench() {
  load_network_config();
  const Speed speed = measure_speed(options_, bench_steps_);
  std::cout << "parameters " << speed.parameters << "\ntraining " << speed.training_films_per_second
            << " films/s\ninference " << speed.inference_seconds << " s a film\n";
  return true;
}

}  // namespace spine::train
