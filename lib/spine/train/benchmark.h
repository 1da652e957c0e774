#pragma once
#include <string>

#include "spine/train/segmentation.h"

namespace spine::train {

/// Measured speed of a network.
struct Speed {
  double training_films_per_second = 0;
  double inference_seconds = 0;       ///< one film, folded network, float32
  double inference_bf16_seconds = 0;  ///< the same with bfloat16 products
  std::int64_t parameters = 0;
};

/// Measures `steps` training steps on random data, and inference of single films, with batch,
/// device, precision and threads of the options.
/// @throws Error(usage) as make_network
Speed measure_speed(const SegmentationOptions& options, int steps);

}  // namespace spine::train
