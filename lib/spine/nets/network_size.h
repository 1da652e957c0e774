#pragma once
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace spine {

/// A number of parameters that the network of a configuration has at least, from its largest layers
/// alone and without building it: a few words of a configuration can ask for more than any memory
/// holds, and a file of weights that holds fewer values cannot be of that network.
/// @throws Error(usage) as make_network does
std::int64_t fewest_parameters(const nlohmann::json& config, const std::string& where);

}  // namespace spine
