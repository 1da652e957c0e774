#include "spine/nets/precision.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

#include "spine/core/error.h"

namespace spine {
namespace {

// LibTorch 2.4 gave autocast one interface for all devices and deprecated the old one.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
void set_autocast(bool cuda, bool enabled) {
  const auto device = cuda ? at::kCUDA : at::kCPU;
  at::autocast::set_autocast_enabled(device, enabled);
  if (enabled) at::autocast::set_autocast_dtype(device, at::kBFloat16);
}
#else
void set_autocast(bool cuda, bool enabled) {
  if (cuda) {
    at::autocast::set_enabled(enabled);
    if (enabled) at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  } else {
    at::autocast::set_cpu_enabled(enabled);
    if (enabled) at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  }
}
#endif

bool processor_multiplies_bf16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

}  // namespace

std::string_view to_string(Precision precision) {
  return precision == Precision::fp32 ? "fp32" : "bf16";
}

Precision choose_precision(const std::string& name, const torch::Device& device, Purpose purpose) {
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name != "auto") {
    throw Error(ErrorKind::usage, "precision: expected auto, fp32 or bf16, found " + name);
  }
  const bool bf16 =
      device.is_cuda() || (purpose == Purpose::training && processor_multiplies_bf16());
  return bf16 ? Precision::bf16 : Precision::fp32;
}

MixedPrecision::MixedPrecision(Precision precision, const torch::Device& device)
    : active_(precision == Precision::bf16), cuda_(device.is_cuda()) {
  if (active_) set_autocast(cuda_, true);
}

MixedPrecision::~MixedPrecision() {
  if (!active_) return;
  at::autocast::clear_cache();
  set_autocast(cuda_, false);
}

}  // namespace spine
