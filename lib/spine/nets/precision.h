#pragma once
#include <string>
#include <string_view>

#include <torch/torch.h>

namespace spine {

enum class Precision { fp32, bf16 };

std::string_view to_string(Precision precision);

enum class Purpose { training, inference };

/// "fp32", "bf16", or "auto": bfloat16 on GPUs, and for training on processors that multiply it
/// natively as well. Results that are computed on a processor do not depend on which one it is.
/// @throws Error(usage) for another word.
Precision choose_precision(const std::string& name, const torch::Device& device, Purpose purpose);

/// While alive, convolutions and matrix products of this thread run in bfloat16 (with
/// Precision::bf16).
class MixedPrecision {
 public:
  MixedPrecision(Precision precision, const torch::Device& device);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;
  MixedPrecision(MixedPrecision&&) = delete;
  MixedPrecision& operator=(MixedPrecision&&) = delete;

 private:
  bool active_, cuda_;
};

}  // namespace spine
