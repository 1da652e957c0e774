#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "spine/sim/simulate.h"
#include "spine/train/cohort.h"
#include "spine/train/projection_cache.h"
#include "spine/train/reconstruction.h"
#include "spine/train/run_record.h"
#include "spine/train/segmentation.h"
#include "spine/util/display_names.h"

namespace spine::apps {

/// The subcommands of spine-train: options and implementation.
class Commands {
 public:
  /// @param stop   returns whether the user requested to stop
  /// @param build  build information for run records
  explicit Commands(std::function<bool()> stop, train::BuildInfo build = {});
  /// Declares all options. Options that are paths have the type name PATH.
  void declare(CLI::App& app);
  /// Runs the parsed command.
  /// @param command_line  for run records, which are published with weights: without paths
  /// @param names         display names of paths in messages, tables and records
  /// @returns whether it completed (false: stopped)
  /// @throws Error as the functions of the commands
  bool run(std::string command_line = "spine-train", DisplayNames names = {});

 private:
  struct Films {
    std::filesystem::path cache, folder, anatomy, validation_folder;
    std::string anatomy_kind = "parametric";
    std::uint64_t cache_films = 0;
    int cache_rows = train::kCacheRows;
    double implant_share = 0, junction_share = 0;
    std::uint64_t first_seed = 1'000'000, last_seed = 999'999'999;
    std::uint64_t validation_seed = 900'000;
    int validation_films = 24;
  };
  void declare_simulator(CLI::App& app);
  static void declare_shards(CLI::App& app, train::TrainingOptions& options);
  static void declare_network(CLI::App& app, train::TrainingOptions& options);
  void declare_schedule(CLI::App& app, train::TrainingOptions& options);
  void declare_validation(CLI::App& app, train::TrainingOptions& options);
  static void declare_augmentation(CLI::App& app, train::AugmentOptions& options);
  void declare_end(CLI::App& app, train::TrainingOptions& options);
  /// Options shared by all trainings.
  void declare_training(CLI::App& app, train::TrainingOptions& options);
  void declare_seg(CLI::App& app);
  void declare_vqgan(CLI::App& app);
  void declare_endplate_net(CLI::App& app);
  void declare_export(CLI::App& app);
  void declare_cohort(CLI::App& app);
  void declare_endplates(CLI::App& app);
  void declare_uncertainty(CLI::App& app);
  [[nodiscard]] std::shared_ptr<const sim::Simulator> simulator() const;
  [[nodiscard]] std::shared_ptr<const sim::Simulator> simulator(double implant_share,
                                                                bool marks) const;
  [[nodiscard]] std::unique_ptr<train::FilmSource> film_source(int threads);
  static void load_network_config(train::TrainingOptions& options);
  /// Completes the options that depend on the films.
  void plan(train::TrainingOptions& options, const train::FilmSource& films) const;
  /// Reports how a training ended and exports the weights if requested. @returns whether it
  /// finished
  bool conclude(const train::TrainingResult& result, const train::TrainingOptions& options,
                const std::string& score) const;
  void note_validation(train::TrainingOptions& options) const;
  /// Renders the validation films and adds them to the record.
  train::Validator make_validator(const InputSpec& input);
  bool run_seg();
  bool run_vqgan();
  bool run_endplate_net();
  bool run_cache(int threads);
  bool run_bench();
  bool run_cohort();
  bool run_endplates();
  bool run_uncertainty();

  std::string command_line_;
  DisplayNames names_;
  std::function<bool()> stop_;
  train::BuildInfo build_;
  CLI::App *seg_ = nullptr, *vqgan_ = nullptr, *endplate_net_ = nullptr, *cache_ = nullptr,
           *export_ = nullptr, *bench_ = nullptr, *endplates_ = nullptr, *uncertainty_ = nullptr,
           *cohort_app_ = nullptr;
  Films films_;
  train::SegmentationOptions options_;
  train::ReconstructionOptions reconstruction_;
  train::TrainingOptions endplate_net_options_;
  bool without_implants_ = false;  ///< for seg
  std::string preprocessing_;      ///< for seg; empty: as configured
  double epochs_ = 0;
  int bench_steps_ = 5;
  double ridge_ = 2e-5;
  std::filesystem::path predictions_;  ///< for uncertainty
  train::CohortOptions cohort_;
  std::filesystem::path label_table_;  ///< for cohort
  train::ExportOptions export_options_{.name = {},
                                       .manifest = "weights/manifest.json",
                                       .make_default = false,
                                       .roi_of = {},
                                       .implant_model_of = {},
                                       .endplates_of = {},
                                       .average = {}};
};

}  // namespace spine::apps
