#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

// Faces and keys of edges, for the sources that work on the topology of meshes.
namespace spine::sim {

/// Indices of a triangle's vertices, counter-clockwise seen from outside.
using Face = std::array<std::uint32_t, 3>;

/// Key of the edge from `a` to `b`.
inline std::uint64_t directed_key(std::uint32_t a, std::uint32_t b) {
  return (static_cast<std::uint64_t>(a) << 32) | b;
}

/// Key of the edge between `a` and `b`.
inline std::uint64_t undirected_key(std::uint32_t a, std::uint32_t b) {
  return directed_key(std::min(a, b), std::max(a, b));
}

}  // namespace spine::sim
