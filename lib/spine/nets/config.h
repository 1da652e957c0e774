#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spine {

/// Preprocessing Ensemble Network (PECI-Net, Park et al. 2024): the views of a film become the
/// channels of the network behind it. With `enabled` false the only view is repeated three times.
struct PenConfig {
  bool enabled = true;
  std::int64_t channels = 3;     ///< output channels
  double negative_slope = 0.01;  ///< of the LeakyReLU
};

/// TransUNet (Chen et al. 2021, arXiv 2102.04306). The defaults are the published R50-ViT-B/16.
struct TransUNetConfig {
  std::int64_t input_size = 256;  ///< pixels, a multiple of 16
  std::int64_t views = 6;         ///< input planes
  std::int64_t classes = 8;
  PenConfig pen;

  // ResNetV2
  std::int64_t stem_width = 64;  ///< channels of the root; stages have 4, 8, 16 times
  std::vector<std::int64_t> resnet_blocks{3, 4, 9};  ///< units in each of the three stages
  std::int64_t norm_groups = 32;                     ///< of every GroupNorm but the projections'

  // Vision transformer on the 1/16 grid
  std::int64_t hidden = 768;
  std::int64_t mlp = 3072;
  std::int64_t blocks = 12;
  std::int64_t heads = 12;
  double dropout = 0.1;
  double attention_dropout = 0.0;

  // Decoder, from 1/8 to full resolution
  std::int64_t decoder_head = 512;
  std::vector<std::int64_t> decoder_widths{256, 128, 64, 16};
  /// Whether the features of 1/8, 1/4, 1/2 and full resolution enter the decoder. The published
  /// network has no skip at full resolution; here it is the output of PEN, which carries the edges
  /// of the endplates.
  std::vector<bool> skips{true, true, true, false};
};

/// Reads a configuration strictly.
/// @param where  the file's name, for errors
/// @throws Error(usage) naming an unknown key, a wrong type or an invalid value.
TransUNetConfig trans_unet_config(const nlohmann::json& json, const std::string& where);
nlohmann::json to_json(const TransUNetConfig& config);

/// U-Net (Ronneberger et al. 2015, arXiv 1505.04597), padded, with batch norms, as the public
/// PyTorch implementation has it (github.com/milesial/Pytorch-UNet). The defaults are its own.
struct UNetConfig {
  std::int64_t input_size = 256;  ///< pixels, a multiple of 16
  std::int64_t views = 6;         ///< input planes
  std::int64_t classes = 8;
  PenConfig pen;            ///< without it the views are the channels
  std::int64_t width = 64;  ///< channels at full resolution; doubled at each of four halvings
  bool bilinear = false;  ///< bilinear upsampling instead of transposed convolutions, and half the
                          ///< channels at the lowest resolution
};

/// As trans_unet_config.
UNetConfig unet_config(const nlohmann::json& json, const std::string& where);
nlohmann::json to_json(const UNetConfig& config);

/// Swin-Unet (Cao et al. 2021, arXiv 2105.05537). The defaults are the published Swin-T layout at
/// 256 pixels, where windows are of 8 (published: 224 and 7).
struct SwinUnetConfig {
  std::int64_t input_size = 256;  ///< pixels, a multiple of 32
  std::int64_t views = 6;         ///< input planes
  std::int64_t classes = 8;
  PenConfig pen;
  std::int64_t embed = 96;                       ///< channels on the 1/4 grid
  std::vector<std::int64_t> depths{2, 2, 2, 2};  ///< blocks on the grids of 1/4 ... 1/32
  std::vector<std::int64_t> heads{3, 6, 12, 24};
  std::int64_t window = 8;  ///< tokens a side; divides every grid that is larger
  double mlp_ratio = 4;
  double dropout = 0;
  double drop_path = 0.1;  ///< stochastic depth: probability that the last block is skipped
};

/// As trans_unet_config.
SwinUnetConfig swin_unet_config(const nlohmann::json& json, const std::string& where);
nlohmann::json to_json(const SwinUnetConfig& config);

/// Vector-quantised autoencoder (VQGAN, Esser et al. 2021, arXiv 2012.09841). The defaults are the
/// published f16 model with 1,024 codes.
struct VqganConfig {
  std::int64_t input_size = 256;                         ///< pixels, a multiple of shrinking()
  std::int64_t channels = 3;                             ///< of images
  std::int64_t width = 128;                              ///< channels at full resolution
  std::vector<std::int64_t> multipliers{1, 1, 2, 2, 4};  ///< of the width, at each halving
  std::int64_t blocks = 2;  ///< residual blocks a resolution; one more in the decoder
  std::vector<std::int64_t> attention{16};  ///< resolutions with self-attention
  std::int64_t latent = 256;                ///< channels between encoder and quantiser
  std::int64_t embed = 256;                 ///< length of a code
  std::int64_t codes = 1024;
  double commitment = 0.25;  ///< weight of the commitment loss
  /// Whether latents and codes are scaled to length 1 before they are compared, which keeps codes
  /// in use (Yu et al. 2021, arXiv 2110.04627); the published f16 model does not.
  bool unit_codes = false;
  double dropout = 0;
  std::int64_t norm_groups = 32;

  /// Pixels per side that one code covers.
  [[nodiscard]] std::int64_t shrinking() const {
    return std::int64_t{1} << (multipliers.size() - 1);
  }
};

/// As trans_unet_config.
VqganConfig vqgan_config(const nlohmann::json& json, const std::string& where);
nlohmann::json to_json(const VqganConfig& config);

/// Configuration of EndplateNet (endplate_net.h).
struct EndplateNetConfig {
  std::int64_t input_size = 96;                       ///< pixels, a multiple of shrinking()
  std::int64_t stem_width = 16;                       ///< channels at full resolution
  std::vector<std::int64_t> widths{32, 64, 96, 128};  ///< channels after each halving
  std::int64_t norm_groups = 8;

  /// Pixels per side of a cell of the coarsest map.
  [[nodiscard]] std::int64_t shrinking() const { return std::int64_t{1} << widths.size(); }
};

/// As trans_unet_config.
EndplateNetConfig endplate_net_config(const nlohmann::json& json, const std::string& where);
nlohmann::json to_json(const EndplateNetConfig& config);

}  // namespace spine
