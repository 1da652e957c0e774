#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "spine/sim/simulate.h"
#include "spine/train/segmentation.h"

namespace spine::train {

/// The commands of spine-train: their options, and what they do.
class Commands {
 public:
  /// @param stop  whether the user asked to stop
  Commands(int argc, const char* const* argv, std::function<bool()> stop);
  void declare(CLI::App& app);
  /// Runs the command that was parsed. @returns whether it came to its end (false: stopped).
  bool run();

 private:
  struct Films {
    std::filesystem::path cache, folder, anatomy;
    std::string anatomy_kind = "parametric";
    std::uint64_t cache_films = 0;
    std::uint64_t first_seed = 1'000'000, last_seed = 999'999'999;
    std::uint64_t validation_seed = 900'000;
    int validation_films = 24;
  };
  void declare_simulator(CLI::App& app);
  void declare_network(CLI::App& app);
  void declare_seg(CLI::App& app);
  void declare_export(CLI::App& app);
  void declare_endplates(CLI::App& app);
  [[nodiscard]] std::shared_ptr<const sim::Simulator> simulator() const;
  [[nodiscard]] std::unique_ptr<FilmSource> film_source();
  void load_network_config();
  /// Renders the validation films and notes them in the record.
  Validator make_validator(const InputSpec& input);
  bool run_seg();
  bool run_cache();
  bool run_bench();
  bool run_endplates();

  int argc_;
  const char* const* argv_;
  std::function<bool()> stop_;
  CLI::App *seg_ = nullptr, *cache_ = nullptr, *export_ = nullptr, *bench_ = nullptr,
           *endplates_ = nullptr;
  Films films_;
  SegmentationOptions options_;
  double epochs_ = 0;
  int bench_steps_ = 5;
  double ridge_ = 2e-5;
  std::string export_name_;
  std::string close_up_of_;
  std::filesystem::path manifest_ = "weights/manifest.json";
  bool make_default_ = false;
};

}  // namespace spine::train
