#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/train/augment.h"

namespace spine::train {

/// What every training of a network is told.
struct TrainingOptions {
  nlohmann::json network;          ///< as make_network takes it
  std::string network_file;        ///< named in errors
  std::vector<std::string> views;  ///< empty: the network's usual ones
  std::filesystem::path
      output;  ///< folder of curves.csv, checkpoint.pt, best.safetensors, training.json

  std::uint64_t steps = 0;  ///< planned length in steps; 0: by hours
  /// Hours of training, over all resumed parts, after which a run of planned steps ends early;
  /// without steps its planned length, by which two runs are never the same.
  double hours = 0;
  int batch = 8;
  double learning_rate = 1.5e-3;  ///< peak
  double weight_decay = 0.02;     ///< AdamW's, on matrices and filters alone
  std::uint64_t warmup_steps = 200;
  double clip_norm = 1.0;
  double ema_decay = 0.999;
  std::filesystem::path start;  ///< weights to start from; empty: random
  std::uint64_t seed = 1;
  std::string device = "auto";
  std::string precision = "auto";  ///< "auto", "fp32", "bf16"
  int threads = 0;                 ///< of the network; 0: all cores
  int workers = 0;                 ///< see BatchOptions
  AugmentOptions augment;

  double checkpoint_minutes = 5;  ///< between checkpoints, beside those at new best weights
  /// Steps between validations, by which the best weights are chosen; also at the end.
  std::uint64_t validation_steps = 500;
  std::uint64_t refresh_steps = 500;  ///< between looks for new films
  bool resume = false;
  /// Goes into training.json (seeds, ...); "part" (command line, commit, date) becomes the last of
  /// its "parts".
  nlohmann::json record = nlohmann::json::object();
};

struct TrainingHooks {
  std::function<bool()> stop;                             ///< true: save a checkpoint and return
  std::function<void(const std::string&)> message;        ///< lasting lines
  std::function<void(const std::string&)> progress_line;  ///< one line that replaces the last
};

struct TrainingResult {
  bool finished = false;  ///< false: stopped early
  std::uint64_t steps = 0;
  double hours = 0;
  double best_score = 0;
};

/// How weights are entered in a manifest.
struct ExportOptions {
  std::string name;
  std::filesystem::path manifest;
  bool make_default = false;     ///< of segmentation, or of restoration for an autoencoder
  std::string roi_of;            ///< entry whose second look these weights are; may be empty
  std::string implant_model_of;  ///< autoencoder for which these weights see metal; may be empty
  std::string endplates_of;      ///< entry whose endplates these weights draw; may be empty
};

/// Copies a run's best weights beside the manifest as NAME.safetensors and enters them with the
/// run's training record. The first of their kind become the default without being asked to.
/// @throws Error(not_found) when the run has no best.safetensors yet; Error(output | usage).
void export_weights(const std::filesystem::path& run, const ExportOptions& options);

}  // namespace spine::train
