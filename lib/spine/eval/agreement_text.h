#pragma once
#include <optional>
#include <string>

#include "spine/eval/agreement.h"

namespace spine {

/// Text in tables if a statistic cannot be computed.
inline constexpr const char* kNotEnoughCases = "not enough cases";

/// Formats an estimate: "0.71 (0.34 to 0.95)", or "0.71 (no interval)" without an interval; for
/// nullopt the reason, or kNotEnoughCases if none is given.
std::string format_estimate(const std::optional<Estimate>& estimate, int decimals,
                            const std::string& reason = "");

}  // namespace spine
