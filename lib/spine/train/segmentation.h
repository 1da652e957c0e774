#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/input_spec.h"
#include "spine/train/augment.h"
#include "spine/train/film_source.h"
#include "spine/train/validate.h"

namespace spine::train {

struct SegmentationOptions {
  nlohmann::json network;          ///< as make_network takes it
  std::string network_file;        ///< named in errors
  std::vector<std::string> views;  ///< empty: the first of PEN_6, as many as the network takes
  std::filesystem::path
      output;  ///< folder of curves.csv, checkpoint.pt, best.safetensors, training.json

  std::uint64_t steps = 0;  ///< planned length in steps; 0: by hours
  double hours = 0;         ///< planned length in hours of training, over all resumed parts
  int batch = 8;
  double learning_rate = 1.5e-3;  ///< peak
  double weight_decay = 0.02;     ///< AdamW's, on matrices and filters alone
  std::uint64_t warmup_steps = 200;
  double clip_norm = 1.0;
  double ema_decay = 0.999;
  /// Weight of the loss on features at 1/8 of the resolution, against which deep layers learn
  /// sooner (deep supervision, Lee et al. 2015); 0: none.
  double coarse_weight = 0.4;
  std::filesystem::path start;  ///< weights to start from; empty: random
  std::uint64_t seed = 1;
  std::string device = "auto";
  std::string precision = "auto";  ///< "auto", "fp32", "bf16"
  int threads = 0;                 ///< of the network; 0: all cores
  int workers = 0;                 ///< see BatchOptions
  AugmentOptions augment;

  double checkpoint_minutes = 5;
  double validation_minutes = 10;
  double refresh_minutes = 3;  ///< how often new films are looked for
  bool resume = false;
  /// Goes into training.json (seeds, ...); "part" (command line, commit, date) becomes the last of
  /// its "parts".
  nlohmann::json record = nlohmann::json::object();
};

struct SegmentationHooks {
  std::function<bool()> stop;                             ///< true: save a checkpoint and return
  std::function<void(const std::string&)> message;        ///< lasting lines
  std::function<void(const std::string&)> progress_line;  ///< one line that replaces the last
};

struct SegmentationResult {
  bool finished = false;  ///< false: stopped early
  std::uint64_t steps = 0;
  double hours = 0;
  double best_dice = 0;
};

/// Judges a network on films that it is never trained on.
using Validator = std::function<Validation(const Predictor&)>;

/// The input that a configuration trained with these options will have.
/// @throws Error(usage) when number of views and network disagree.
InputSpec training_input(const SegmentationOptions& options);

/// Trains a segmentation network: Dice + cross-entropy, AdamW, warm-up and cosine over the planned
/// length, moving average of weights, gradient clipping. Writes into options.output; the best
/// moving average by validation Dice is best.safetensors (half precision). With `resume` it goes on
/// from checkpoint.pt exactly where that was written.
/// @param validator  may be empty; the last weights are the best then
/// @throws Error(usage | unreadable | output | internal).
SegmentationResult train_segmentation(const SegmentationOptions& options, FilmSource& films,
                                      const Validator& validator, const SegmentationHooks& hooks);

/// Copies a run's best weights beside the manifest as NAME.safetensors and enters them with the
/// run's training record. The first entry, or one named as the default, becomes the default.
/// @param close_up_of  entry whose second look these weights are; may be empty
/// @throws Error(not_found) when the run has no best.safetensors yet; Error(output | usage).
void export_weights(const std::filesystem::path& run, const std::string& name,
                    const std::filesystem::path& manifest, bool make_default,
                    const std::string& close_up_of = {});

}  // namespace spine::train
