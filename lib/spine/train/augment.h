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

/// What a training sample is drawn from: path lengths that are exposed anew, or a finished film.
struct TrainingFilm {
  sim::PathLengthProjections paths;  ///< structures and landmarks always; lengths when simulated
  cv::Mat film;  ///< CV_32FC1 in [0,1], of square pixels as the paths are; empty when simulated
};

/// What a network learns to see.
enum class Target {
  structures,  ///< the eight of kStructures
  metal,       ///< "implant": screws, rods, cages, prostheses
  endplates,   ///< one in a window around it (EndplateNet)
};
/// Names of the network's outputs, in the order of Sample::targets.
std::vector<std::string> output_names(Target target);

/// A window around an endplate, and where the endplate lies in it.
struct EndplateExample {
  cv::Mat square;  ///< CV_32FC1 in [0,1]
  EndplateEstimate truth;
};

/// One input of the network with its target.
struct Sample {
  std::vector<cv::Mat> views;  ///< CV_32FC1 in [0,1], one for each of InputSpec::views
  /// CV_8UC1, 0..255: the part of the pixel that what is to be seen covers.
  std::vector<cv::Mat> targets;
  /// CV_32FC1: the view "original", but with nothing hidden by AugmentOptions::erasing_chance.
  cv::Mat square;
  /// For Target::endplates, in place of all these: the windows of one film.
  std::vector<EndplateExample> endplates;
};

/// Ranges of the random changes; the defaults are what the shipped weights were trained with.
struct AugmentOptions {
  double max_rotation_deg = 10;
  double min_scale = 0.85, max_scale = 1.35;
  double max_shift = 0.08;  ///< of the film's side
  double mirror_chance = 0.5;
  double inversion_chance = 0.05;
  double exposure_variation = 1.0;  ///< 0: all films are plain and well exposed
  bool squeeze = true;              ///< some films have unequal pixels that nothing tells of
  double grey_strength = 1.0;       ///< 0: the film as exposed
  bool marks = true;                ///< side markers, text and specks on the films
  double no_film_chance = 0.03;  ///< of a picture that shows no spine, so that none is seen in it
  double erasing_chance = 0;     ///< of parts hidden as by metal; see with_erasing()
  double foreign_chance = 0;   ///< of bright things that are no implant; see with_foreign_objects()
  double restored_chance = 0;  ///< of metal filled in; see with_metal_filled_in()
  Target target = Target::structures;
  /// Windows as Roi cuts them from films, instead of whole films.
  bool roi = false;
};

/// Draws geometry, exposure and grey-level changes and makes the network's input as the pipeline
/// would: letter-boxed, range stretched, views. The same film, options and rng give the same bytes.
Sample make_sample(const TrainingFilm& film, const InputSpec& input, const AugmentOptions& options,
                   sim::Rng rng);

}  // namespace spine::train
