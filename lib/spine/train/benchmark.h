#pragma once
#include <string>

#include "spine/train/segmentation.h"

namespace spine::train {

struct Speed {
  double training_films_per_second = 0;
  double inference_seconds = 0;       ///< one film, folded network, float32
  double inference_bf16_seconds = 0;  ///< the same with products in bfloat16
  std::int64_t parameters = 0;
};

/// Times `steps` training steps on random data, and single films, with the options' batch, device,
/// precision and threads.
Speed measure_speed(const SegmentationOptions& options, int steps);

}  // namespace spine::train
