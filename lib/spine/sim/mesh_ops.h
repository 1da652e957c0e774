#pragma once
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"

// Operations on existing meshes; for construction see mesh_build.h.
namespace spine::sim {

/// True when every edge is shared by exactly two faces that run along it in opposite directions
/// (cavities and several components are allowed).
bool is_closed(const Mesh& mesh);

/// Total area of the faces, mm².
double surface_area(const Mesh& mesh);

/// Reverses the orientation of all faces.
void flip_faces(Mesh& mesh);

/// Removes faces all of whose edges are used more often than in the opposite direction (duplicate
/// and inner faces of poorly modelled bones), and unused vertices.
void remove_surplus_faces(Mesh& mesh);

/// Removes vertices that no face uses; the others are numbered by first use.
void drop_unused_vertices(Mesh& mesh);

/// A transformed copy of `mesh`; faces keep pointing outwards under reflection.
Mesh transformed(const Mesh& mesh, const Transform& transform);

/// The connected parts of a mesh, in the order of their first face.
std::vector<Mesh> components(const Mesh& mesh);

/// Loop subdivision (Loop 1987, with Warren's weights), `times` times: each face becomes four and
/// the surface is smoothed. Requires a closed mesh.
Mesh loop_subdivide(const Mesh& mesh, int times);

/// A copy of `mesh` with each vertex moved by `distance_mm[i]` against its normal (negative:
/// outwards).
/// @throws Error(internal) unless there is one distance per vertex
Mesh offset_inward(const Mesh& mesh, const std::vector<float>& distance_mm);

/// Least-squares sphere through `points` (algebraic; at least 4 points, not coplanar): centre and
/// radius.
/// @throws Error(internal) for fewer than 4 points
std::pair<cv::Vec3d, double> fit_sphere(const std::vector<cv::Vec3d>& points);

}  // namespace spine::sim
