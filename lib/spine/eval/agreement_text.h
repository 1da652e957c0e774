#pragma once
#include <optional>
#include <string>

#include "spine/eval/agreement.h"

namespace spine {

/// What tables say where a statistic cannot be computed.
inline constexpr const char* kNotEnoughCases = "not enough cases";

/// "0.71 (0.34 to 0.95)", "0.71 (no interval)" where that cannot be computed; for nullopt the
/// reason, or kNotEnoughCases where none is given.
std::string format_estimate(const std::optional<Estimate>& estimate, int decimals,
                            const std::string& reason = "");

}  // namespace spine
