#include "spine/eval/agreement_text.h"

#include "spine/eval/text_table.h"

namespace spine {

std::string format_estimate(const std::optional<Estimate>& estimate, int decimals,
                            const std::string& reason) {
  if (!estimate) return reason.empty() ? kNotEnoughCases : reason;
  if (!has_interval(*estimate)) return format_number(estimate->value, decimals) + " (no interval)";
  return format_number(estimate->value, decimals) + " (" + format_number(estimate->low, decimals) +
         " to " + format_number(estimate->high, decimals) + ")";
}

}  // namespace spine
