#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/input_spec.h"
#include "spine/infer/window_queue.h"

namespace spine {

/// Where a network runs. `auto` is the first CUDA device if there is one, else the CPU.
struct DeviceOptions {
  std::string device = "auto";  ///< "auto", "cpu", "cuda", "cuda:N"
  int batch = 32;               ///< maximum number of windows in a GPU batch
  /// Precision of convolutions and matrix products: "fp32", "bf16", or "auto": bfloat16 on GPUs,
  /// float32 on CPUs, whose results then do not depend on the instruction set.
  std::string precision = "auto";
};

/// Description of a loaded network, for the run record.
struct ModelInfo {
  std::string name;          ///< entry of weights/manifest.json, or the file's stem
  std::string architecture;  ///< "trans_unet", ...
  std::string sha256;        ///< of the weights file, lower-case hex
  std::string device;        ///< "cpu", "cuda:0"
  std::string precision;     ///< "fp32", "bf16"
  std::filesystem::path file;
  InputSpec input;
  std::vector<std::string> outputs;  ///< channel names, e.g. "L1" ... "F2"
};

/// A network that is ready to run. Does not expose LibTorch. Weight-standardised convolutions are
/// folded once at load.
class Model {
 public:
  /// Loads weights and checks them against the manifest.
  /// @param weights  a name in the manifest, a .safetensors file whose metadata hold the
  ///     configuration, or a TorchScript module (.pt) with a JSON beside it (scripted_network.h)
  /// @param manifest  weights/manifest.json; used for names and to check the SHA-256
  /// @throws Error(weights) naming file, expected and actual.
  static Model load(const std::string& weights, const std::filesystem::path& manifest,
                    const DeviceOptions& options);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  [[nodiscard]] const ModelInfo& info() const;

  /// Runs the network on windows of radiographs. Thread-safe: on a CPU each thread computes its own
  /// windows, so that results do not depend on other threads; on a GPU the windows of concurrent
  /// calls are batched.
  /// @param windows  for each window the planes of its views (CV_32FC1, input.size square, values
  ///     in [0,1])
  /// @returns for each window one CV_32FC1 logit plane per output channel, of the same size
  /// @throws Error(internal) on a wrong number or size of planes, Error(out_of_memory).
  [[nodiscard]] Windows run(const Windows& windows) const;

 private:
  struct Impl;
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The manifest to use when none is named: $SPINE_WEIGHTS_DIR/manifest.json, else the source tree's
/// or the installed one. @throws Error(weights) when there is none.
std::filesystem::path default_manifest();

}  // namespace spine
