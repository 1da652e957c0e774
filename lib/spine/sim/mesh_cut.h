#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"

// Level sets on meshes, and meshes cut along them.
namespace spine::sim {

/// Closed polylines where a field, given at the vertices and linear on each face, is zero. The
/// positive side lies to the left as seen from outside.
std::vector<std::vector<cv::Vec3d>> level_loops(const Mesh& mesh, const std::vector<double>& field);

/// The part of a closed mesh where `field` (given at the vertices, linear on faces) is positive,
/// its openings closed by triangles.
/// @param flatten  maps points of the cut surface one-to-one to a plane, in which the openings are
///                 triangulated.
Mesh cut_and_cap(const Mesh& mesh, const std::vector<double>& field,
                 const std::function<cv::Vec2d(const cv::Vec3d&)>& flatten);

/// Triangles (indices into `polygon`) that fill a simple polygon, by ear clipping,
/// counter-clockwise.
/// @param polygon  either winding.
std::vector<std::array<std::uint32_t, 3>> triangulate(const std::vector<cv::Vec2d>& polygon);

}  // namespace spine::sim
