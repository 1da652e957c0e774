#pragma once
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace spine {

/// Lower bound of the number of parameters of a network, from its largest layers and without
/// building it. Guards against configurations that exceed memory: a weights file with fewer values
/// cannot belong to the network.
/// @throws Error(usage) as make_network does
std::int64_t fewest_parameters(const nlohmann::json& config, const std::string& where);

}  // namespace spine
