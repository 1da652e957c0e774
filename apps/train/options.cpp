#include "train/commands.h"
#include "train/progress.h"

namespace spine::apps {
namespace {

using namespace train;

/// Type name of options that are paths, by which callers identify them.
constexpr const char* kPath = "PATH";

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
  declare_shards(*bench_, options_);
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
  app.add_option("--junctions", films_.junction_share,
                 "Fraction of patients with a varied lumbosacral junction")
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

void Commands::declare_shards(CLI::App& app, TrainingOptions& options) {
  app.add_option("--shards", options.shards,
                 "Parts of a batch trained concurrently, each on one CPU thread; weights depend on "
                 "it; 0: about one for every four films")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

void Commands::declare_schedule(CLI::App& app, TrainingOptions& options) {
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
         "Initial weights, of any input size and views; a ViT (.npz) initializes the encoder of "
         "TransUNet")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
  app.add_option("--seed", options.seed, "Random seed")->capture_default_str();
  app.add_option("--workers", options.workers,
                 "Threads that prepare films concurrently with training; 0: between steps")
      ->capture_default_str();
}

void Commands::declare_validation(CLI::App& app, TrainingOptions& options) {
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
}

void Commands::declare_augmentation(CLI::App& app, AugmentOptions& options) {
  app.add_option("--grey-strength", options.grey_strength, "Strength of intensity augmentation")
      ->capture_default_str();
  app.add_option("--exposure-variation", options.exposure_variation,
                 "Strength of exposure variation; 0: standard, well-exposed films")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--squeeze,!--no-squeeze", options.squeeze,
               "Include films with non-square pixels (default: yes)");
  app.add_flag("--marks,!--no-marks", options.marks,
               "Markers and text on simulated films (default: yes)");
}

void Commands::declare_end(CLI::App& app, TrainingOptions& options) {
  app.add_flag("--resume", options.resume, "Resume from the checkpoint in the output folder");
  app.add_option("--export", export_options_.name,
                 "Add the best weights to the manifest under this name when done");
  app.add_option("--manifest", export_options_.manifest, "Manifest for --export")
      ->type_name(kPath)
      ->capture_default_str();
  app.add_flag("--default", export_options_.make_default,
               "Make the exported weights the default of their kind");
}

void Commands::declare_training(CLI::App& app, TrainingOptions& options) {
  declare_network(app, options);
  declare_simulator(app);
  declare_schedule(app, options);
  declare_validation(app, options);
  declare_augmentation(app, options.augment);
  declare_end(app, options);
}

void Commands::declare_seg(CLI::App& app) {
  declare_training(app, options_);
  declare_shards(app, options_);
  app.add_option("--data", films_.folder,
                 "Train on <study>/{film.png, masks.tif} of this folder; with --implant-masks also "
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
      "--implant-masks", [this] { options_.augment.target = Target::implants; },
      "Train implant detection instead of the eight structures");
  declare_disturbances(app, options_.augment);
  app.add_flag("--without-implants", without_implants_, "Exclude films with implants");
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
  declare_shards(app, options);
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
  app.add_option("--implant-model-of", export_options_.implant_model_of,
                 "Autoencoder to pair these weights with, as its implant detection network");
  app.add_option("--endplates-of", export_options_.endplates_of,
                 "Segmentation entry to pair these weights with, as its endplate network");
  app.add_option("--average", export_options_.average,
                 "Weights of the same network to average with those of the run")
      ->type_name(kPath)
      ->check(CLI::ExistingFile);
}

void Commands::declare_cohort(CLI::App& app) {
  app.add_option("inputs", cohort_.inputs, "Folders of films with labels")
      ->type_name(kPath)
      ->check(CLI::ExistingDirectory);
  auto* films = app.add_option("--films", cohort_.films, "Folders of the films of --reviewed")
                    ->type_name(kPath)
                    ->check(CLI::ExistingDirectory);
  app.add_option("--reviewed", cohort_.reviewed,
                 "Results folders: studies that a reader approved or corrected, as exported by "
                 "spine-review, with the reader's landmarks as labels")
      ->type_name(kPath)
      ->check(CLI::ExistingDirectory)
      ->needs(films);
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

}  // namespace spine::apps
