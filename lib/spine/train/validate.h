#pragma once
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/image.h"
#include "spine/core/input_spec.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/sim/simulate.h"
#include "spine/stages/preprocess/roi.h"

namespace spine::train {

/// Views of films to logit planes, as Model::run does.
using Predictor =
    std::function<std::vector<std::vector<cv::Mat>>(const std::vector<std::vector<cv::Mat>>&)>;

/// Films that are never trained on, with truth and ready-made views.
struct ValidationFilm {
  std::vector<cv::Mat> views;
  MaskStack masks;                 ///< film resolution
  Landmarks landmarks;             ///< truth
  std::optional<Spacing> spacing;  ///< of the film, as the letterbox and the angles need it
};

/// Films of [first_seed, first_seed + count) as the pipeline would see them: full exposure, no
/// other change, kCacheRows rows.
std::vector<ValidationFilm> validation_films(const sim::Simulator& simulator,
                                             std::uint64_t first_seed, int count,
                                             const InputSpec& input);

/// The films of a folder of studies (film_source.h): film, masks.tif and, where it is,
/// landmarks.json.
/// @throws Error(not_found) when there is none; Error(unreadable) naming a broken file.
std::vector<ValidationFilm> folder_validation_films(const std::filesystem::path& folder,
                                                    const InputSpec& input);

/// What a network is worth on films that it is never trained on.
struct Validation {
  std::map<std::string, double> dice;  ///< by output: mean over films that show it
  double mean_dice = 0;
  /// Mean absolute error in degrees over the films where both truth and result have a value; no
  /// entry where angles are not measured.
  std::map<std::string, std::optional<double>> angle_error_deg;  ///< "PT", "SS", "PI", "LL"
  std::map<std::string, double> completed;  ///< share of films with truth that got a value
};

/// Runs the whole chain of the product: network, masks, landmarks, angles.
Validation validate(const Predictor& predict, const std::vector<ValidationFilm>& films,
                    const InputSpec& input);

/// A window of a film that is never trained on, as a close-up shows it.
struct ValidationWindow {
  std::vector<cv::Mat> views;
  WindowMasks masks;  ///< truth
};

/// The windows that the true masks of validation_films' films ask for.
std::vector<ValidationWindow> validation_windows(const sim::Simulator& simulator,
                                                 std::uint64_t first_seed, int count,
                                                 const InputSpec& input);

/// Dice of each channel over whole windows; no angles.
Validation validate_rois(const Predictor& predict, const std::vector<ValidationWindow>& windows);

/// A film that is never trained on, or a window of it, and its metal.
struct ValidationMetal {
  std::vector<cv::Mat> views;
  cv::Mat metal;  ///< CV_8UC1 0/255, in the network's square
};

/// Films of [first_seed, first_seed + count), with metal by the simulator's options.
/// @param roi  in place of the films, the windows that the true masks of the structures ask
///                  for
std::vector<ValidationMetal> validation_metal(const sim::Simulator& simulator,
                                              std::uint64_t first_seed, int count,
                                              const InputSpec& input, bool roi = false);

/// Dice of the metal in the network's square; a film without counts 1 when none is seen in it, else
/// 0. No angles.
Validation validate_metal(const Predictor& predict, const std::vector<ValidationMetal>& films);

/// One line for a person.
std::string summary(const Validation& validation);

}  // namespace spine::train
