#pragma once
#include <filesystem>

#include "spine/sim/mesh.h"

namespace spine::sim {

/// Reads a binary (little-endian) or ASCII PLY of triangles. Only positions and faces are kept;
/// numbers are taken as they are (no unit conversion).
/// @throws Error(not_found) when there is no such file, Error(unreadable) naming the file when it
///         is truncated, not a PLY, holds no faces, a face that is no triangle, or an index out of
///         range.
Mesh read_ply(const std::filesystem::path& file);

/// Reads a binary STL; vertices at exactly the same place are welded and faces that collapse by it
/// are dropped. Numbers are taken as they are (no unit conversion).
/// @throws Error(not_found | unreadable) naming the file.
Mesh read_stl(const std::filesystem::path& file);

/// Writes a binary STL, for looking at a mesh in any viewer.
/// @throws Error(output) naming the file.
void write_stl(const std::filesystem::path& file, const Mesh& mesh);

}  // namespace spine::sim
