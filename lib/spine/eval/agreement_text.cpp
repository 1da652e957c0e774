#include "spine/eval/agreement_text.h"

#include "spine/eval/text_table.h"

namespace spine {

std::string format_estimate(const std::optional<Estimate>& estimate, int decimals) {
  if (!estimate) return kNotEnoughCases;
  return format_number(estimate->value, decimals) + " (" + format_number(estimate->low, decimals) +
         " to " + format_number(estimate->high, decimals) + ")";
}

}  // namespace spine
