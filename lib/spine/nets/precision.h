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

/// While alive, this thread takes numbers below 1e-38 for 0. Weights of an attention are full of
/// them, processors take a hundred times as long for each, and no sum shows whether they were
/// there.
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
