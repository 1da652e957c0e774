#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/train/augment.h"

namespace spine::train {

/// Options shared by all trainings. A training sets the number of threads of LibTorch; films are
/// prepared by threads of its own, so that OpenCV should be limited to one (cv::setNumThreads).
struct TrainingOptions {
  nlohmann::json network;          ///< configuration for make_network
  std::string network_file;        ///< its file, for error messages
  std::vector<std::string> views;  ///< empty: the network's default views
  /// Folder of curves.csv, checkpoint.pt, best.safetensors, training.json.
  std::filesystem::path output;

  std::uint64_t steps = 0;  ///< planned length in steps; 0: in hours
  /// Time limit in hours over all resumed parts; without `steps` the planned length, which is not
  /// reproducible.
  double hours = 0;
  int batch = 8;
  /// Parts of the batch that are trained concurrently, each on one thread of a CPU (see Shards); 0:
  /// chosen by the size of the batch, or that of the resumed run.
  int shards = 0;
  double learning_rate = 1.5e-3;  ///< peak
  double weight_decay = 0.02;     ///< of AdamW, for matrices and filters only
  std::uint64_t warmup_steps = 200;
  double clip_norm = 1.0;
  double ema_decay = 0.999;
  std::filesystem::path start;  ///< initial weights; empty: random
  std::uint64_t seed = 1;
  std::string device = "auto";
  std::string precision = "auto";  ///< "auto", "fp32", "bf16"
  int threads = 0;                 ///< of the network; 0: all cores
  int workers = 0;                 ///< see BatchOptions
  AugmentOptions augment;

  double checkpoint_minutes = 5;  ///< between checkpoints, besides those at new best weights
  /// Steps between validations, which select the best weights; also at the end.
  std::uint64_t validation_steps = 500;
  std::uint64_t refresh_steps = 500;  ///< between searches for new films
  bool resume = false;
  /// Added to training.json (seeds, ...); "part" (command line, commit, date) becomes the last of
  /// its "parts".
  nlohmann::json record = nlohmann::json::object();
};

/// Callbacks of a training run.
struct TrainingHooks {
  std::function<bool()> stop;                       ///< true: save a checkpoint and return
  std::function<void(const std::string&)> message;  ///< persistent lines
  /// One line that replaces the previous one.
  std::function<void(const std::string&)> progress_line;
};

/// How a training run ended.
struct TrainingResult {
  bool finished = false;  ///< false: stopped early
  std::uint64_t steps = 0;
  double hours = 0;
  double best_score = 0;
};

/// How weights are added to a manifest.
struct ExportOptions {
  std::string name;
  std::filesystem::path manifest;
  bool make_default = false;  ///< of segmentation, or of restoration for an autoencoder
  std::string roi_of;  ///< entry paired with these weights as ROI refinement network; may be empty
  /// Autoencoder paired with these weights as implant detection network; may be empty.
  std::string implant_model_of;
  std::string endplates_of;  ///< entry paired with these weights as endplate network; may be empty
  /// Weights of the same network to average with the run's, each with the same share ("model
  /// soups", Wortsman et al. 2022, arXiv 2203.05482).
  std::vector<std::filesystem::path> average;
};

/// Copies the best weights of a run to NAME.safetensors beside the manifest and adds them with the
/// training record of the run, which names those that they were averaged with. The first weights of
/// their kind become the default.
/// @throws Error(not_found) if the run has no best.safetensors yet; Error(weights) if weights to
/// average have other tensors; Error(output | usage)
void export_weights(const std::filesystem::path& run, const ExportOptions& options);

}  // namespace spine::train
