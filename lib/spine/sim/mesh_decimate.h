#pragma once
#include <cstddef>

#include "spine/sim/mesh.h"

namespace spine::sim {

/// Mesh simplification by edge collapse with quadric errors (Garland & Heckbert 1997). Closed
/// meshes stay closed and keep their genus; may stop early if no edge can be collapsed safely.
Mesh decimate(const Mesh& mesh, std::size_t target_faces);

}  // namespace spine::sim
