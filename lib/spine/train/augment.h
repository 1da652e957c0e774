#pragma once
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/input_spec.h"
#include "spine/core/structure.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/stages/locate/endplate_window.h"

namespace spine::train {

/// The source of training samples: path lengths that are exposed for each sample, or a finished
/// film.
struct TrainingFilm {
  sim::PathLengthProjections paths;  ///< always structures and landmarks; lengths if simulated
  cv::Mat film;  ///< CV_32FC1 in [0,1], square pixels, same grid as `paths`; empty if simulated
};

/// What a network learns to detect.
enum class Target {
  structures,  ///< the eight of kStructures
  implants,    ///< "implant": screws, rods, cages, prostheses
  endplates,   ///< one in a window around it (EndplateNet)
};
/// Names of the network's outputs, in the order of Sample::targets.
std::vector<std::string> output_names(Target target);

/// A window around an endplate and the position of the endplate in it.
struct EndplateExample {
  cv::Mat square;  ///< CV_32FC1 in [0,1]
  EndplateEstimate truth;
};

/// One input of the network with its target.
struct Sample {
  std::vector<cv::Mat> views;  ///< CV_32FC1 in [0,1], one for each of InputSpec::views
  /// CV_8UC1, 0..255: fraction of each pixel covered by the target structure.
  std::vector<cv::Mat> targets;
  /// CV_32FC1: the view "original" before random erasing (AugmentOptions::erasing_chance).
  cv::Mat square;
  /// For Target::endplates, instead of all others: the windows of one film.
  std::vector<EndplateExample> endplates;
};

/// Ranges of random augmentations; the defaults are those of the shipped weights. Chances are
/// probabilities per sample.
struct AugmentOptions {
  double max_rotation_deg = 10;
  double min_scale = 0.85, max_scale = 1.35;
  double max_shift = 0.08;  ///< fraction of the film's side
  double mirror_chance = 0.5;
  double inversion_chance = 0.05;
  double exposure_variation = 1.0;  ///< 0: standard, well-exposed films
  bool squeeze = true;              ///< some films have non-square pixels without a tag
  double grey_strength = 1.0;       ///< 0: the film as exposed
  bool marks = true;                ///< side markers, text and specks
  double no_film_chance = 0.03;     ///< an image without a spine, to prevent false detections
  double erasing_chance = 0;        ///< erased regions; see with_erasing()
  double foreign_chance = 0;   ///< bright objects other than implants; see with_foreign_objects()
  double restored_chance = 0;  ///< inpainted implants; see with_implants_filled_in()
  Target target = Target::structures;
  /// ROIs of films (roi.h) instead of whole films.
  bool roi = false;
};

/// Draws geometry, exposure and intensity augmentations and prepares the network input like the
/// pipeline: letterbox, contrast stretching, views. Deterministic in film, options and rng.
Sample make_sample(const TrainingFilm& film, const InputSpec& input, const AugmentOptions& options,
                   sim::Rng rng);

}  // namespace spine::train
