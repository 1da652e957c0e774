#pragma once
#include <filesystem>

#include "spine/sim/mesh.h"

namespace spine::sim {

/// Reads a binary (little-endian) or ASCII PLY of triangles. Only positions and faces are read; no
/// unit conversion.
/// @throws Error(not_found) if there is no such file, Error(unreadable) naming the file if it is
/// truncated, not a PLY, or contains no faces, a face that is not a triangle, or an index out of
/// range
Mesh read_ply(const std::filesystem::path& file);

/// Reads a binary STL; vertices at identical positions are merged and degenerate faces dropped. No
/// unit conversion.
/// @throws Error(not_found | unreadable) naming the file
Mesh read_stl(const std::filesystem::path& file);

/// Writes a binary STL, for inspection in a viewer.
/// @throws Error(output) naming the file
void write_stl(const std::filesystem::path& file, const Mesh& mesh);

}  // namespace spine::sim
