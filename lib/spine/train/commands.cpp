#include "spine/train/commands.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>

#include <unistd.h>

#include "spine/core/error.h"
#include "spine/train/benchmark.h"
#include "spine/train/endplate_training.h"
#include "spine/train/endplates.h"
#include "spine/train/projection_cache.h"
#include "spine/train/run_record.h"
#include "spine/train/uncertainty_fit.h"
#include "spine/util/atomic_file.h"
#include "spine/util/processors.h"

namespace spine::train {
namespace {

/// Type name of options that are paths, by which callers identify them.
constexpr const char* kPath = "PATH";

/// Progress on stderr: one line rewritten on a terminal, one line each in a log.
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

/// Options for objects overlying the bones.
void declare_disturbances(CLI::App& app, AugmentOptions& options) {
  app.add_option("--foreign", options.foreign_chance,
                 "Fraction of films with contrast medium, jewellery, snaps, zips or leads")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--restored", options.restored_chance,
                 "Fraction of films with implants on which they are inpainted")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

}  // namespace

Commands::Commands(std::function<bool()> stop, BuildInfo build)
    : stop_(std::move(stop)), build_(std::move(build)) {}

void Commands::declare(CLI::App& app) {
  app.require_subcommand(1);
  seg_ = app.add_subcommand("seg", "Train a segmentation network");
  vqgan_ = app.add_subcommand("vqgan", "Train the inpainting autoencoder (VQGAN)");
  endplate_net_ = app.add_subcommand("endplate-net", "Train the endplate network");
  cache_ = app.add_subcommand("cache", "Render path-length maps for training");
  export_ = app.add_subcommand("export", "Add the best weights of a run to a manifest");
  bench_ = app.add_subcommand("bench", "Measure the speed of a network");
  declare_seg(*seg_);
  declare_vqgan(*vqgan_);
  declare_endplate_net(*endplate_net_);
  declare_simulator(*cache_);
  cache_->add_option("--threads", options_.threads, "Threads; 0: all cores")->capture_default_str();
  cache_
      ->add_option("--rows", films_.cache_rows,
                   "Rows of the maps; more rows resolve thinner implants")
      ->check(CLI::Range(128, 4096))
      ->capture_default_str();
  declare_export(*export_);
  export_->add_option("-o,--output", options_.output, "Folder of the run")
      ->type_name(kPath)
      ->required();
  declare_network(*bench_, options_);
  bench_->add_option("--steps", bench_steps_, "Steps to time")->capture_default_str();
  endplates_ = app.add_subcommand("endplate-correction", "Fit the endplate angle correction");
  declare_endplates(*endplates_);
  uncertainty_ = app.add_subcommand("uncertainty", "Fit the uncertainty model of landmarks");
  declare_uncertainty(*uncertainty_);
  cohort_app_ = app.add_subcommand("cohort", "Build a cohort from labelled films");
  declare_cohort(*cohort_app_);
}

void Commands::declare_simulator(CLI::App& app) {
  app.add_option("--cache", films_.cache, "Folder of path-length maps; created if missing")
      ->type_name(kPath);
  app.add_option("--films,--cache-films", films_.cache_films,
                 "Number of patients in the cache; missing ones are rendered first");
  app.add_option("--anatomy", films_.anatomy, "Folder of real mean meshes")->type_name(kPath);
  app.add_option("--anatomy-kind", films_.anatomy_kind, "parametric, meshes or mixed")
      ->check(CLI::IsMember({"parametric", "meshes", "mixed"}))
      ->capture_default_str();
  app.add_option("--implants", films_.implant_share, "Fraction of patients with implants")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--first-seed", films_.first_seed, "First seed of training patients")
      ->capture_default_str();
  app.add_option("--last-seed", films_.last_seed, "Last seed of training patients")
      ->capture_default_str();
}

void Commands::declare_network(CLI::App& app, TrainingOptions& options) {
  app.add_option("--network", options.network_file, "Network configuration (JSON)")
      ->type_name(kPath)
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--batch", options.batch, "Films per step")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads of the network; 0: all cores")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--precision", options.precision, "auto, fp32 or bf16")->capture_default_str();
}

void Commands::declare_training(CLI::App& app, TrainingOptions& options) {
  declare_network(app, options);
  declare_simulator(app);
  app.add_option("-o,--output", options.output, "Folder of the run")->type_name(kPath)->required();
  app.add_option("--steps", options.steps, "Planned length in steps");
  app.add_option("--epochs", epochs_, "Planned length in passes over the cache or folder");
  app.add_option("--hours", options.hours,
                 "Time limit in hours, including resumed parts; without --steps or "
                 "--epochs the planned length, which is not reproducible");
  app.add_option("--lr", options.learning_rate, "Peak learning rate")->capture_default_str();
  app.add_option("--weight-decay", options.weight_decay, "Weight decay of AdamW")
      ->capture_default_str();
  app.add_option("--warmup", options.warmup_steps, "Warm-up steps")->capture_default_str();
  app.add_option("--clip", options.clip_norm, "Maximum gradient norm")->capture_default_str();
  app.add_option("--ema", options.ema_decay, "Decay of the moving average of weights")
      ->capture_default_str();
  app.add_option(
         "--start", options.start,
         "Initial weights, of any input size; a ViT (.npz) initializes the encoder of TransUNet")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--seed", options.seed, "Random seed")->capture_default_str();
  app.add_option("--workers", options.workers,
                 "Threads that prepare films concurrently with training; 0: between steps")
      ->capture_default_str();
  app.add_option("--validation-films", films_.validation_films,
                 "Number of simulated validation films")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--validation-seed", films_.validation_seed, "First seed of validation patients")
      ->capture_default_str();
  app.add_option("--validation-steps", options.validation_steps,
                 "Steps between validations, which select the best weights")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option_function<double>("--validation-minutes",
                                  [](double) {
                                    show_message(
                                        "--validation-minutes no longer has an effect: the best "
                                        "weights are selected every --validation-steps steps");
                                  })
      ->group("");  // of earlier versions
  app.add_option("--checkpoint-minutes", options.checkpoint_minutes, "Minutes between checkpoints")
      ->capture_default_str();
  app.add_option("--grey-strength", options.augment.grey_strength,
                 "Strength of intensity augmentation")
      ->capture_default_str();
  app.add_option("--exposure-variation", options.augment.exposure_variation,
                 "Strength of exposure variation; 0: standard, well-exposed films")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--squeeze,!--no-squeeze", options.augment.squeeze,
               "Include films with non-square pixels (default: yes)");
  app.add_flag("--marks,!--no-marks", options.augment.marks,
               "Markers and text on simulated films (default: yes)");
  app.add_flag("--resume", options.resume, "Resume from the checkpoint in the output folder");
  app.add_option("--export", export_options_.name,
                 "Add the best weights to the manifest under this name when done");
  app.add_option("--manifest", export_options_.manifest, "Manifest for --export")
      ->type_name(kPath)
      ->capture_default_str();
  app.add_flag("--default", export_options_.make_default,
               "Make the exported weights the default of their kind");
}

void Commands::declare_seg(CLI::App& app) {
  declare_training(app, options_);
  app.add_option("--data", films_.folder,
                 "Train on <study>/{film.png, masks.tif} of this folder; with --metal also "
                 "implant_mask.png, for films with implants")
      ->type_name(kPath);
  app.add_option(
         "--validation-data", films_.validation_folder,
         "Validate on <study>/{film.png, masks.tif, landmarks.json} of this folder instead of "
         "simulated films")
      ->type_name(kPath)
      ->check(CLI::ExistingDirectory);
  auto* views = app.add_option("--views", options_.views, "Views of the film, e.g. original clahe");
  app.add_option(
         "--preprocessing", preprocessing_,
         "Named preprocessing, with PEN for several views: identity, clahe, equal_hist, pen_5, "
         "pen_6; overrides the configuration's")
      ->excludes(views);
  app.add_option("--coarse-weight", options_.coarse_weight,
                 "Weight of the loss on features at 1/8 of the resolution")
      ->capture_default_str();
  app.add_flag_callback(
      "--metal", [this] { options_.augment.target = Target::implants; },
      "Train implant detection instead of the eight structures");
  declare_disturbances(app, options_.augment);
  app.add_flag("--without-metal", without_implants_, "Exclude films with implants");
  app.add_flag("--roi", options_.augment.roi,
               "Train and validate on magnified ROIs, for the ROI refinement pass");
}

void Commands::declare_vqgan(CLI::App& app) {
  auto& options = reconstruction_;
  options.learning_rate = 6e-4;
  options.weight_decay = 0;
  options.batch = 4;
  options.augment.grey_strength = 0.3;
  declare_training(app, options);
  app.add_option("--data", films_.folder,
                 "Train on the films of this folder, which must not show implants")
      ->type_name(kPath);
  app.add_option("--gradient-weight", options.gradient_weight, "Weight of the gradient difference")
      ->capture_default_str();
  app.add_option("--structure-weight", options.structure_weight,
                 "Weight of structural dissimilarity")
      ->capture_default_str();
  app.add_option("--hidden-weight", options.hidden_weight,
                 "Weight of the loss over regions erased by --random-erasing")
      ->capture_default_str();
  app.add_option("--adversarial-weight", options.adversarial_weight,
                 "Weight of the adversarial term, before its adaptive weight; 0: none")
      ->capture_default_str();
  app.add_option("--adversarial-start", options.adversarial_start,
                 "Fraction of the run after which the adversarial term starts")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--quantiser-start", options.quantiser_start,
                 "Fraction of the run before which latents are not quantised")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--random-erasing", options.augment.erasing_chance,
                 "Fraction of films with erased regions to be reconstructed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

void Commands::declare_endplate_net(CLI::App& app) {
  auto& options = endplate_net_options_;
  options.learning_rate = 2e-3;
  options.batch = 3;
  options.augment.target = Target::endplates;
  options.augment.grey_strength = 0.4;
  declare_training(app, options);
  declare_disturbances(app, options.augment);
}

void Commands::declare_export(CLI::App& app) {
  app.add_option("--name", export_options_.name, "Name of the weights")->required();
  app.add_option("--manifest", export_options_.manifest, "Manifest to add them to")
      ->type_name(kPath)
      ->capture_default_str();
  app.add_flag("--default", export_options_.make_default, "Make them the default");
  app.add_option("--roi-of", export_options_.roi_of,
                 "Entry to pair these weights with, as its ROI refinement network");
  app.add_option("--finder-of", export_options_.implant_model_of,
                 "Autoencoder to pair these weights with, as its implant detection network");
  app.add_option("--endplates-of", export_options_.endplates_of,
                 "Segmentation entry to pair these weights with, as its endplate network");
}

void Commands::declare_cohort(CLI::App& app) {
  app.add_option("inputs", cohort_.inputs, "Folders of films with labels")
      ->type_name(kPath)
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-o,--output", cohort_.output, "Folder of the cohort")
      ->type_name(kPath)
      ->required();
  app.add_option("--labels", label_table_,
                 "CSV label,structure: names of label classes (L1 ... F2, F: either head, empty: "
                 "ignored)")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--patients", cohort_.patients,
                 "CSV study,patient; default: every film is a separate patient")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--shares", cohort_.shares, "Fractions of patients: training, validation, test")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--seed", cohort_.seed, "Seed of the split")->capture_default_str();
  app.add_flag("--force", cohort_.force, "Replace an existing cohort");
}

void Commands::declare_endplates(CLI::App& app) {
  app.add_option("truth", films_.folder, "Folder of studies with masks.tif and landmarks.json")
      ->type_name(kPath)
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-o,--output", options_.output, "C++ source to write (endplate_correction.inc)")
      ->type_name(kPath)
      ->required();
  app.add_option("--ridge", ridge_, "Ridge penalty")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void Commands::declare_uncertainty(CLI::App& app) {
  app.add_option("predictions", predictions_, "Output folder of spine-pipeline")
      ->type_name(kPath)
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("truth", films_.folder, "Folder of studies with landmarks.json")
      ->type_name(kPath)
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("-o,--output", options_.output, "C++ source to write (uncertainty_model.inc)")
      ->type_name(kPath)
      ->required();
  app.add_option("--ridge", ridge_, "Ridge penalty")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

bool Commands::run(std::string command_line, DisplayNames names) {
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

}  // namespace spine::train
