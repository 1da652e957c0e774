#include "train/commands.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>

#include "train/progress.h"
#include <opencv2/core/utility.hpp>

#include "spine/core/error.h"
#include "spine/train/benchmark.h"
#include "spine/train/endplate_training.h"
#include "spine/train/endplates.h"
#include "spine/train/projection_cache.h"
#include "spine/train/run_record.h"
#include "spine/train/uncertainty_fit.h"
#include "spine/util/atomic_file.h"
#include "spine/util/processors.h"

namespace spine::apps {
namespace {

using namespace train;

/// Films are rendered and augmented by several threads, each of them one film.
void use_one_opencv_thread() { cv::setNumThreads(1); }

}  // namespace

Commands::Commands(std::function<bool()> stop, BuildInfo build)
    : stop_(std::move(stop)), build_(std::move(build)) {}

bool Commands::run(std::string command_line, DisplayNames names) {
  use_one_opencv_thread();
  command_line_ = std::move(command_line);
  names_ = std::move(names);
  if (seg_->parsed()) return run_seg();
  if (vqgan_->parsed()) return run_vqgan();
  if (endplate_net_->parsed()) return run_endplate_net();
  if (cache_->parsed()) return run_cache(options_.threads);
  if (endplates_->parsed()) return run_endplates();
  if (uncertainty_->parsed()) return run_uncertainty();
  if (cohort_app_->parsed()) return run_cohort();
  if (bench_->parsed()) return run_bench();
  export_weights(options_.output, export_options_);
  return true;
}

std::shared_ptr<const sim::Simulator> Commands::simulator() const {
  return simulator(films_.implant_share, true);
}

std::shared_ptr<const sim::Simulator> Commands::simulator(double implant_share, bool marks) const {
  static const std::map<std::string, sim::AnatomyKind> kinds{
      {"parametric", sim::AnatomyKind::parametric},
      {"meshes", sim::AnatomyKind::meshes},
      {"mixed", sim::AnatomyKind::mixed}};
  sim::SimulateOptions options;
  options.anatomy = kinds.at(films_.anatomy_kind);
  options.anatomy_dir = films_.anatomy;
  options.implant_share = implant_share;
  options.patient.junction_share = films_.junction_share;
  options.exposure.markers = marks;
  if (options.anatomy != sim::AnatomyKind::parametric && films_.anatomy.empty()) {
    throw Error(ErrorKind::usage,
                "training: --anatomy-kind " + films_.anatomy_kind + " needs --anatomy FOLDER");
  }
  return std::make_shared<sim::Simulator>(options);
}

std::unique_ptr<FilmSource> Commands::film_source(int threads) {
  if (!films_.folder.empty()) return folder_films(films_.folder);
  if (films_.cache.empty()) {
    return simulated_films(simulator(), films_.first_seed, films_.last_seed);
  }
  if (films_.cache_films > 0) run_cache(threads);
  return cached_films(films_.cache, films_.first_seed, films_.last_seed);
}

void Commands::load_network_config(TrainingOptions& options) {
  std::ifstream in(options.network_file);
  options.network = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (options.network.is_discarded()) {
    throw Error(ErrorKind::usage, options.network_file + ": not valid JSON");
  }
}

bool Commands::run_cache(int threads) {
  if (films_.cache.empty() || films_.cache_films == 0) {
    throw Error(ErrorKind::usage, "cache: expected --cache FOLDER and --films N");
  }
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t first_done = 0;
  ProjectionCache(films_.cache, films_.cache_rows)
      .fill(*simulator(), films_.first_seed, films_.cache_films, thread_count(threads), stop_,
            [&](std::uint64_t done, std::uint64_t all) {
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

void Commands::note_validation(TrainingOptions& options) const {
  const int count = films_.validation_films;
  const std::uint64_t first = films_.validation_seed;
  options.record["validation_films"] = count;
  if (count == 0) return;
  options.record["validation_seeds"] =
      std::to_string(first) + "-" + std::to_string(first + static_cast<unsigned>(count) - 1);
  show_message("rendering " + std::to_string(count) + " validation films");
}

Validator Commands::make_validator(const InputSpec& input) {
  if (!films_.validation_folder.empty()) {
    const auto folder = std::filesystem::canonical(films_.validation_folder);
    options_.record["validation_data"] =
        names_.empty() ? folder.filename().string() : names_(folder.string());
    auto films = folder_validation_films(films_.validation_folder, input);
    options_.record["validation_films"] = films.size();
    return [films = std::move(films), input](const Predictor& predict) {
      return validate(predict, films, input);
    };
  }
  const int count = films_.validation_films;
  const std::uint64_t first = films_.validation_seed;
  note_validation(options_);
  if (count == 0) return {};
  if (options_.augment.target == Target::implants) {
    return [films = validation_implants(*simulator(), first, count, input, options_.augment.roi)](
               const Predictor& predict) { return validate_implants(predict, films); };
  }
  if (options_.augment.roi) {
    return [windows = validation_windows(*simulator(), first, count, input)](
               const Predictor& predict) { return validate_rois(predict, windows); };
  }
  return [films = validation_films(*simulator(), first, count, input),
          input](const Predictor& predict) { return validate(predict, films, input); };
}

void Commands::plan(TrainingOptions& options, const FilmSource& films) const {
  options.record["part"] = run_record(command_line_, build_);
  if (films_.folder.empty()) {
    options.record["anatomy"] = films_.anatomy_kind;
  } else {
    show_message("training on " + names_(films.description()));
    if (!films.remark().empty()) show_message(names_(films.remark()));
  }
  if (epochs_ > 0 && films.count() > 0) {
    options.steps = static_cast<std::uint64_t>(
        std::ceil(epochs_ * static_cast<double>(films.count()) / options.batch));
  }
}

bool Commands::conclude(const TrainingResult& result, const TrainingOptions& options,
                        const std::string& score) const {
  show_message((result.finished ? "done after " : "stopped after ") + std::to_string(result.steps) +
               " steps, best " + score + " " + std::to_string(result.best_score));
  if (!export_options_.name.empty() && result.finished) {
    export_weights(options.output, export_options_);
  }
  return result.finished;
}

bool Commands::run_seg() {
  load_network_config(options_);
  if (!preprocessing_.empty()) choose_preprocessing(preprocessing_, options_);
  const InputSpec input = training_input(options_);
  const auto all_films = film_source(options_.threads);
  if (stop_()) return false;
  const auto bare_films = without_implants(*all_films);
  FilmSource& films = without_implants_ ? *bare_films : *all_films;
  if (without_implants_) films_.implant_share = 0;  // of the validation films
  plan(options_, films);
  options_.record["roi"] = options_.augment.roi;
  const Validator validator = make_validator(input);
  const TrainingHooks hooks{stop_, show_message, show_progress};
  return conclude(train_segmentation(options_, films, validator, hooks), options_, "Dice");
}

bool Commands::run_cohort() {
  if (cohort_.inputs.empty() && cohort_.reviewed.empty()) {
    throw Error(ErrorKind::usage, "cohort: expected folders of labels, or --reviewed");
  }
  if (!label_table_.empty()) cohort_.labels = read_label_table(label_table_);
  cohort_.names = names_;
  const auto studies = build_cohort(cohort_);
  std::map<std::string, int> films;
  for (const auto& study : studies) ++films[study.split];
  for (const auto& study : studies) {
    if (!study.error.empty()) show_message(study.study + " excluded: " + study.error);
  }
  std::string text;
  for (const char* split : kSplits) {
    text += std::string(split) + " " + std::to_string(films[split]) + ", ";
  }
  show_message(text + "excluded " + std::to_string(films[""]) + " films" +
               (cohort_.patients.empty() ? "; each is a separate patient" : ""));
  if (films[""] == static_cast<int>(studies.size())) {
    throw Error(ErrorKind::unreadable, "cohort: no film could be included");
  }
  return true;
}

bool Commands::run_vqgan() {
  auto& options = reconstruction_;
  load_network_config(options);
  const InputSpec input = reconstruction_input(options);
  const auto films =
      films_.folder.empty() ? film_source(options.threads) : plain_films(films_.folder);
  if (stop_()) return false;
  plan(options, *films);
  options.record["marks"] = options.augment.marks;
  note_validation(options);
  std::vector<cv::Mat> squares;
  if (films_.validation_films > 0) {
    const auto bare = simulator(/*implant_share=*/0, options.augment.marks);
    for (const auto& film :
         validation_films(*bare, films_.validation_seed, films_.validation_films, input)) {
      squares.push_back(film.views.front());
    }
  }
  const TrainingHooks hooks{stop_, show_message, show_progress};
  return conclude(train_vqgan(options, *films, squares, hooks), options, "PSNR");
}

bool Commands::run_endplate_net() {
  auto& options = endplate_net_options_;
  load_network_config(options);
  const InputSpec input = endplate_input(options);
  const auto films = film_source(options.threads);
  if (stop_()) return false;
  plan(options, *films);
  note_validation(options);
  const auto films_to_judge = simulator();
  std::vector<EndplateExample> validation;
  for (int i = 0; i < films_.validation_films; ++i) {
    const auto seed = films_.validation_seed + static_cast<unsigned>(i);
    const auto film = films_to_judge->simulate(seed);
    for (auto& example : endplates_on(film.image.pixels(), film.landmarks, input.size,
                                      sim::Rng(seed).split("validation windows"))) {
      validation.push_back(std::move(example));
    }
  }
  const TrainingHooks hooks{stop_, show_message, show_progress};
  return conclude(train_endplates(options, *films, validation, hooks), options,
                  "share within 2 deg");
}

bool Commands::run_endplates() {
  const auto samples = endplate_samples(films_.folder);
  // Studies are sorted, so the last fifth shares almost no patient with the rest.
  const auto split = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 5 * 4);
  const std::vector<EndplateSample> first(samples.begin(), split), last(split, samples.end());
  const auto tried = fit_endplate_rules(first, ridge_);
  for (const std::size_t plate : {0, 1}) {
    std::cout << (plate == 0 ? "superior" : "inferior")
              << " endplates, last fifth: " << mean_residual_deg(last, plate, {}) << " deg before, "
              << mean_residual_deg(last, plate, tried[plate]) << " after\n";
  }
  const nlohmann::json record = run_record(command_line_, build_);
  write_file_atomically(options_.output,
                        endplate_rules_source(fit_endplate_rules(samples, ridge_),
                                              record.at("command").get<std::string>() + ", " +
                                                  std::to_string(samples.size()) + " bodies"));
  return true;
}

bool Commands::run_uncertainty() {
  const auto samples = uncertainty_samples(predictions_, films_.folder);
  // Studies are sorted, so the last fifth shares almost no patient with the rest.
  const auto split = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 5 * 4);
  const auto tried = fit_uncertainty_model({samples.begin(), split}, ridge_);
  const std::vector<UncertaintySample> last(split, samples.end());
  static constexpr std::array kNames{"superior", "inferior", "S1", "heads"};
  for (std::size_t kind = 0; kind < kLandmarkKinds; ++kind) {
    std::cout << kNames[kind] << ", last fifth, within 1.645 standard deviations:";
    for (std::size_t error = 0; error < 3; ++error) {
      const double share = coverage_of(last, static_cast<LandmarkKind>(kind), error, tried[kind]);
      std::cout << ' ' << std::lround(100 * share) << " %";
    }
    std::cout << "\n";
  }
  const nlohmann::json record = run_record(command_line_, build_);
  write_file_atomically(
      options_.output, uncertainty_model_source(fit_uncertainty_model(samples, ridge_),
                                                record.at("command").get<std::string>() + ", " +
                                                    std::to_string(samples.size()) + " landmarks"));
  return true;
}

bool Commands::run_bench() {
  load_network_config(options_);
  const Speed speed = measure_speed(options_, bench_steps_);
  std::cout << "parameters " << speed.parameters << "\ntraining " << speed.training_films_per_second
            << " films/s\ninference " << speed.inference_seconds << " s a film\ninference in bf16 "
            << speed.inference_bf16_seconds << " s a film\n";
  return true;
}

}  // namespace spine::apps
