#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/train/film_source.h"
#include "spine/train/training.h"

namespace spine::train {

/// Weights of the terms that a VQGAN learns by. The pixel term (mean absolute difference) has
/// weight 1, as has the quantiser's. In place of the published perceptual term, which needs a
/// network trained on photographs, stand two that compare local structure.
struct ReconstructionOptions : TrainingOptions {
  double gradient_weight = 1.0;   ///< of gradient_difference
  double structure_weight = 0.2;  ///< of 1 - structural_similarity
  /// Of the mean absolute difference over what AugmentOptions::erasing_chance hides.
  double hidden_weight = 0.5;
  /// Of the adversarial term, before its adaptive weight (Esser et al. 2021, eq. 7); 0: none.
  double adversarial_weight = 0.1;
  double adversarial_start = 0.6;  ///< share of the run after which it sets in
  std::int64_t critic_width = 24;  ///< channels of the discriminator's first layer
  std::int64_t critic_layers = 2;
  /// Share of the run in which nothing is quantised yet, so that codes start among latents that
  /// mean something.
  double quantiser_start = 0.05;
};

/// The input that an autoencoder of this configuration will have: the film itself in every channel.
InputSpec reconstruction_input(const TrainingOptions& options);

/// Trains a VQGAN on films without metal. Writes what train_segmentation writes, the best moving
/// average being that with the highest PSNR on the validation films, and reconstructions.png:
/// validation films above what was made of them.
/// @param films  films that show metal are passed over
/// @param validation  squares as the network sees them, CV_32FC1 in [0,1]; may be empty
/// @throws Error(usage | unreadable | output | internal)
TrainingResult train_vqgan(const ReconstructionOptions& options, FilmSource& films,
                           const std::vector<cv::Mat>& validation, const TrainingHooks& hooks);

}  // namespace spine::train
