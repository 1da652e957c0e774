#include "spine/nets/network.h"

#include "spine/core/error.h"
#include "spine/nets/config.h"
#include "spine/nets/endplate_net.h"
#include "spine/nets/trans_unet.h"
#include "spine/nets/vqgan.h"

namespace spine {

std::shared_ptr<Network> make_network(const nlohmann::json& config, const std::string& where) {
  if (!config.is_object() || !config.contains("architecture") ||
      !config["architecture"].is_string()) {
    throw Error(ErrorKind::usage, where + ": expected an object with a string \"architecture\"");
  }
  const auto architecture = config["architecture"].get<std::string>();
  if (architecture == "trans_unet") {
    return std::make_shared<TransUNet>(trans_unet_config(config, where));
  }
  if (architecture == "vqgan") return std::make_shared<Vqgan>(vqgan_config(config, where));
  if (architecture == "endplate_net") {
    return std::make_shared<EndplateNet>(endplate_net_config(config, where));
  }
  throw Error(ErrorKind::usage, where + ": unknown architecture \"" + architecture +
                                    "\"; known: trans_unet, vqgan, endplate_net");
}

}  // namespace spine
