#pragma once
#include <vector>

#include <opencv2/core.hpp>

#include "spine/train/film_source.h"
#include "spine/train/training.h"

namespace spine::train {

/// Weights of the loss terms of a VQGAN. The pixel term (mean absolute difference) and the
/// quantiser have weight 1. The published perceptual term, which needs a network trained on
/// photographs, is replaced by two terms that compare local structure.
struct ReconstructionOptions : TrainingOptions {
  double gradient_weight = 1.0;   ///< weight of gradient_difference
  double structure_weight = 0.2;  ///< weight of 1 - structural_similarity
  /// Weight of the mean absolute difference over regions erased by AugmentOptions::erasing_chance.
  double hidden_weight = 0.5;
  /// Weight of the adversarial term, before its adaptive weight (Esser et al. 2021, eq. 7); 0:
  /// none.
  double adversarial_weight = 0.1;
  double adversarial_start = 0.6;  ///< fraction of the run after which it starts
  std::int64_t critic_width = 24;  ///< channels of the discriminator's first layer
  std::int64_t critic_layers = 2;
  /// Fraction of the run without quantisation, so that codes are initialized from meaningful
  /// latents.
  double quantiser_start = 0.05;
};

/// The input of an autoencoder of this configuration: the film itself in every channel.
InputSpec reconstruction_input(const TrainingOptions& options);

/// Trains a VQGAN on films without implants. Writes the files of train_segmentation, the best
/// moving average being the one with the highest PSNR on the validation films, and
/// reconstructions.png: validation films above their reconstructions.
/// @param films       films with implants are skipped
/// @param validation  squares of the network's input, CV_32FC1 in [0,1]; may be empty
/// @throws Error(usage | unreadable | output | internal)
TrainingResult train_vqgan(const ReconstructionOptions& options, FilmSource& films,
                           const std::vector<cv::Mat>& validation, const TrainingHooks& hooks);

}  // namespace spine::train
