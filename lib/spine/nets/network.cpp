#include "spine/nets/network.h"

#include "spine/core/error.h"
#include "spine/nets/config.h"
#include "spine/nets/endplate_net.h"
#include "spine/nets/swin_unet.h"
#include "spine/nets/trans_unet.h"
#include "spine/nets/unet.h"
#include "spine/nets/vqgan.h"

namespace spine {

void Network::require_input(const torch::Tensor& views) const {
  const std::int64_t size = input_size();
  TORCH_CHECK(views.dim() == 4 && views.size(1) == this->views() && views.size(2) == size &&
                  views.size(3) == size,
              config().at("architecture").get<std::string>(), ": expected input [N, ",
              this->views(), ", ", size, ", ", size, "], found ", views.sizes());
}

void restart_head(std::map<std::string, torch::Tensor>& state, const torch::nn::Module& head,
                  const std::string& prefix, std::int64_t classes) {
  for (const auto& parameter : head.named_parameters()) {
    const auto given = state.find(prefix + parameter.key());
    if (given != state.end() && given->second.size(0) != classes) {
      given->second = parameter.value().detach().clone();
    }
  }
}

std::shared_ptr<Network> make_network(const nlohmann::json& config, const std::string& where) {
  if (!config.is_object() || !config.contains("architecture") ||
      !config["architecture"].is_string()) {
    throw Error(ErrorKind::usage, where + ": expected an object with a string \"architecture\"");
  }
  const auto architecture = config["architecture"].get<std::string>();
  if (architecture == "trans_unet") {
    return std::make_shared<TransUNet>(trans_unet_config(config, where));
  }
  if (architecture == "unet") return std::make_shared<UNet>(unet_config(config, where));
  if (architecture == "swin_unet") {
    return std::make_shared<SwinUnet>(swin_unet_config(config, where));
  }
  if (architecture == "vqgan") return std::make_shared<Vqgan>(vqgan_config(config, where));
  if (architecture == "endplate_net") {
    return std::make_shared<EndplateNet>(endplate_net_config(config, where));
  }
  throw Error(ErrorKind::usage, where + ": unknown architecture \"" + architecture +
                                    "\"; known: trans_unet, unet, swin_unet, vqgan, endplate_net");
}

}  // namespace spine
