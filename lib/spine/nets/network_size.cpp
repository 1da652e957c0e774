#include "spine/nets/network_size.h"

#include <algorithm>

#include "spine/core/error.h"
#include "spine/nets/config.h"
#include "spine/util/json.h"

namespace spine {
namespace {

constexpr std::int64_t kKernel = 9;  // of 3x3

std::int64_t square(std::int64_t n) { return n * n; }

std::int64_t fewest(const TransUNetConfig& c) {
  std::int64_t count = c.blocks * (4 * square(c.hidden) + 2 * c.hidden * c.mlp);
  count += square(c.input_size / 16) * c.hidden;  // positions
  count += kKernel * c.hidden * c.decoder_head;
  for (std::size_t stage = 0; stage < c.resnet_blocks.size(); ++stage) {
    count += c.resnet_blocks[stage] * kKernel * square(c.stem_width << stage);
  }
  for (const std::int64_t width : c.decoder_widths) count += kKernel * square(width);
  return count;
}

std::int64_t fewest(const UNetConfig& c) {
  // Both convolutions of each resolution on the way down, and the first step up.
  constexpr std::int64_t kDown = 1 + (2 + 4) + (8 + 16) + (32 + 64) + (64 + 64), kUp = 128 + 32;
  return kKernel * (kDown + kUp) * square(c.width);
}

std::int64_t fewest(const SwinUnetConfig& c) {
  std::int64_t count = 0;
  for (std::size_t grid = 0; grid < c.depths.size(); ++grid) {
    const std::int64_t channels = c.embed << grid;
    const auto hidden = std::max(
        0.0, static_cast<double>(channels) * c.mlp_ratio - 1);  // lower bound for any rounding
    count +=
        c.depths[grid] * (4 * square(channels) + 2 * channels * static_cast<std::int64_t>(hidden));
  }
  return count;
}

std::int64_t fewest(const VqganConfig& c) {
  const std::int64_t deepest = c.width * c.multipliers.back();
  std::int64_t count = c.codes * c.embed + kKernel * deepest * c.latent;
  // The second convolution of each residual block of the encoder and of the decoder.
  for (const std::int64_t n : c.multipliers) {
    count += (2 * c.blocks + 1) * kKernel * square(c.width * n);
  }
  return count;
}

std::int64_t fewest(const EndplateNetConfig& c) {
  std::int64_t count = 0;
  for (const std::int64_t width : c.widths) count += kKernel * square(width);
  return count;
}

}  // namespace

std::int64_t fewest_parameters(const nlohmann::json& config, const std::string& where) {
  const std::string architecture = text_at(config, "architecture");
  if (architecture == "trans_unet") return fewest(trans_unet_config(config, where));
  if (architecture == "unet") return fewest(unet_config(config, where));
  if (architecture == "swin_unet") return fewest(swin_unet_config(config, where));
  if (architecture == "vqgan") return fewest(vqgan_config(config, where));
  if (architecture == "endplate_net") return fewest(endplate_net_config(config, where));
  return 0;  // make_network reports the error
}

}  // namespace spine
