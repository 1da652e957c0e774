#pragma once
#include <string>
#include <string_view>

#include <torch/torch.h>

namespace spine {

/// Floating-point type of convolutions and matrix products.
enum class Precision { fp32, bf16 };

/// "fp32" or "bf16".
std::string_view to_string(Precision precision);

/// What a network is run for.
enum class Purpose { training, inference };

/// Parses "fp32", "bf16" or "auto": bfloat16 on GPUs, and for training also on CPUs with native
/// bfloat16 products. Inference on a CPU does not depend on its instruction set.
/// @throws Error(usage) for another name.
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

/// While alive, denormal numbers (below 1e-38) are flushed to 0 on this thread. Attention weights
/// contain many of them, CPUs process them about a hundred times slower, and they do not affect
/// sums.
class NoDenormals {
 public:
  NoDenormals() { at::globalContext().setFlushDenormal(true); }
  ~NoDenormals() { at::globalContext().setFlushDenormal(false); }
  NoDenormals(const NoDenormals&) = delete;
  NoDenormals& operator=(const NoDenormals&) = delete;
  NoDenormals(NoDenormals&&) = delete;
  NoDenormals& operator=(NoDenormals&&) = delete;
};

}  // namespace spine
