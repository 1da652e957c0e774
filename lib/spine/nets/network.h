#pragma once
#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

namespace spine {

/// A network's output, and intermediate features for auxiliary supervision in training.
struct NetworkOutput {
  torch::Tensor logits;  ///< [N, classes, H, W]
  torch::Tensor coarse;  ///< [N, Network::coarse_channels(), H/8, W/8]; undefined: none
};

/// Interface of all networks. Input [N, views, H, W], values normalised by the weights' InputSpec;
/// output logits [N, classes, H, W] (of an autoencoder: the image).
class Network : public torch::nn::Module {
 public:
  virtual NetworkOutput forward_features(const torch::Tensor& views) = 0;
  torch::Tensor forward(const torch::Tensor& views) { return forward_features(views).logits; }

  /// Folds everything that is constant at inference (weight standardisation, batch norms) into the
  /// convolutions. Call once, after loading and moving to the device; afterwards the network must
  /// not be trained, saved or moved.
  virtual void fold() = 0;

  /// The configuration, complete (defaults filled in), as make_network takes it.
  [[nodiscard]] virtual nlohmann::json config() const = 0;
  [[nodiscard]] virtual std::int64_t input_size() const = 0;
  [[nodiscard]] virtual std::int64_t views() const = 0;
  [[nodiscard]] virtual std::int64_t classes() const = 0;
  /// Channels of NetworkOutput::coarse; 0: none.
  [[nodiscard]] virtual std::int64_t coarse_channels() const { return 0; }
  /// Converts a checkpoint of the public implementation to this network's names: entries that are
  /// not parameters are dropped, those of earlier versions are converted.
  virtual void translate_state(std::map<std::string, torch::Tensor>& /*state*/) const {}
  /// Adapts a checkpoint's tensors of another input size, other views or another number of classes,
  /// by name, where possible (position embeddings are resampled, PEN and the last layer are
  /// re-initialised). Others are unchanged.
  virtual void adapt_state(std::map<std::string, torch::Tensor>& /*state*/) const {}

 protected:
  /// @throws c10::Error unless `views` is [N, views(), input_size(), input_size()].
  void require_input(const torch::Tensor& views) const;
};

/// For Network::adapt_state: re-initialises a last layer (its parameters under `prefix`) of another
/// number of classes.
void restart_head(std::map<std::string, torch::Tensor>& state, const torch::nn::Module& head,
                  const std::string& prefix, std::int64_t classes);

/// Builds the network of architecture `config["architecture"]` with random weights.
/// @throws Error(usage) naming `where`, the key and the known keys.
std::shared_ptr<Network> make_network(const nlohmann::json& config, const std::string& where);

}  // namespace spine
