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
#include "spine/core/measurements.h"
#include "spine/sim/simulate.h"
#include "spine/stages/preprocess/roi.h"

namespace spine::train {

/// Maps views of films to logits, like Model::run.
using Predictor =
    std::function<std::vector<std::vector<cv::Mat>>(const std::vector<std::vector<cv::Mat>>&)>;

/// A held-out film with reference and prepared views.
struct ValidationFilm {
  std::vector<cv::Mat> views;
  MaskStack masks;                 ///< reference, film resolution
  Landmarks landmarks;             ///< reference, film pixels
  std::optional<Spacing> spacing;  ///< of the film, for letterbox and angles
};

/// Simulated films of the seeds [first_seed, first_seed + count) as seen by the pipeline: full
/// exposure, no augmentation, kCacheRows rows.
std::vector<ValidationFilm> validation_films(const sim::Simulator& simulator,
                                             std::uint64_t first_seed, int count,
                                             const InputSpec& input);

/// Films of a folder of studies (film_source.h): film, masks.tif and, if available, landmarks.json.
/// @throws Error(not_found) if there is none; Error(unreadable) naming a damaged file
std::vector<ValidationFilm> folder_validation_films(const std::filesystem::path& folder,
                                                    const InputSpec& input);

/// Evaluation of a network on held-out films.
struct Validation {
  std::map<std::string, double> dice;  ///< by output: mean over films that show it
  double mean_dice = 0;
  /// Mean absolute error in degrees over the films with a value in both reference and result; no
  /// entry if angles are not measured.
  std::map<std::string, std::optional<double>> angle_error_deg;  ///< of kMainAngles
  /// Fraction of films with a reference value that got a value.
  std::map<std::string, double> completed;
};

/// Runs the complete chain: network, masks, landmarks, angles.
Validation validate(const Predictor& predict, const std::vector<ValidationFilm>& films,
                    const InputSpec& input);

/// An ROI of a held-out film.
struct ValidationWindow {
  std::vector<cv::Mat> views;
  WindowMasks masks;  ///< reference
};

/// The ROIs of the films of validation_films(), planned from the true masks.
std::vector<ValidationWindow> validation_windows(const sim::Simulator& simulator,
                                                 std::uint64_t first_seed, int count,
                                                 const InputSpec& input);

/// Dice of each channel over ROIs; no angles.
Validation validate_rois(const Predictor& predict, const std::vector<ValidationWindow>& windows);

/// A held-out film, or an ROI of it, with its implants.
struct ValidationImplants {
  std::vector<cv::Mat> views;
  cv::Mat implant;  ///< implants, CV_8UC1 0/255, in the network's square
};

/// Simulated films of the seeds [first_seed, first_seed + count), with implants according to the
/// simulator's options.
/// @param roi  ROIs planned from the true masks of the structures instead of whole films
std::vector<ValidationImplants> validation_implants(const sim::Simulator& simulator,
                                                    std::uint64_t first_seed, int count,
                                                    const InputSpec& input, bool roi = false);

/// Dice of the implants in the network's square; a film without implants counts 1 if none are
/// detected, else 0. No angles.
Validation validate_implants(const Predictor& predict,
                             const std::vector<ValidationImplants>& films);

/// Formats the result as one line.
std::string summary(const Validation& validation);

}  // namespace spine::train
