#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/input_spec.h"

namespace spine {

/// Where a network runs. `auto` is the first CUDA device if there is one, else the CPU.
struct DeviceOptions {
  std::string device = "auto";  ///< "auto", "cpu", "cuda", "cuda:N"
  int threads = 0;              ///< CPU threads of the network; 0: all cores
};

/// What a loaded network is, for the run record.
struct ModelInfo {
  std::string name;          ///< entry of weights/manifest.json, or the file's stem
  std::string architecture;  ///< "trans_unet", ...
  std::string sha256;        ///< of the weights file, lower-case hex
  std::string device;        ///< "cpu", "cuda:0"
  std::filesystem::path file;
  InputSpec input;
  std::vector<std::string> outputs;  ///< channel names, e.g. "L1" ... "F2"
};

/// A network that is ready to run; LibTorch stays behind this header. Not for use by two threads at
/// once. Weight-standardised convolutions are folded once at load.
class Model {
 public:
  /// @param weights  a name in the manifest, a .safetensors file whose metadata hold the
  /// configuration, or a TorchScript module (.pt) with a JSON beside it (scripted_network.h)
  /// @param manifest  weights/manifest.json; used for names and to check the SHA-256
  /// @throws Error(weights) naming file, expected and actual.
  static Model load(const std::string& weights, const std::filesystem::path& manifest,
                    const DeviceOptions& options);
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  [[nodiscard]] const ModelInfo& info() const;

  /// Runs a batch. Input: per film, the planes of its views (CV_32FC1, input.size square, values in
  /// [0,1]). Output: per film, one CV_32FC1 logit plane per output channel, same size.
  /// @throws Error(internal) on a wrong number or size of planes, Error(out_of_memory).
  std::vector<std::vector<cv::Mat>> run(const std::vector<std::vector<cv::Mat>>& batch);

 private:
  struct Impl;
  explicit Model(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The manifest to use when none is named: $SPINE_WEIGHTS_DIR/manifest.json, else the source tree's
/// or the installed one. @throws Error(weights) when there is none.
std::filesystem::path default_manifest();

}  // namespace spine
