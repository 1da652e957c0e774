#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace spine {

/// Maximum number of dimensions of a tensor in a weights file; networks have at most six.
constexpr std::size_t kMaxDimensions = 8;

/// The number of elements of a shape read from a file; nullopt for an invalid shape: negative
/// sizes, too many dimensions, or sizes whose product overflows even where another size is 0, since
/// strides are products of a part of the sizes.
inline std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape) {
  if (shape.size() > kMaxDimensions) return std::nullopt;
  std::int64_t count = 1;
  std::int64_t bytes = 8;  // of the largest element, by the sizes that are not 0
  for (const std::int64_t n : shape) {
    if (n < 0 || (n > 0 && __builtin_mul_overflow(bytes, n, &bytes))) return std::nullopt;
    count = n == 0 ? 0 : count * n;
  }
  return count;
}

}  // namespace spine
