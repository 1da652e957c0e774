#pragma once
#include <cmath>

#include "spine/sim/mesh.h"

namespace spine::test {

/// Length inside a closed mesh along the line through (x, *, z) that runs from right to left.
inline double length_along_y(const sim::Mesh& mesh, double x, double z) {
  double sum = 0;
  for (const auto& f : mesh.faces) {
    const cv::Vec3d a = mesh.vertices[f[0]], b = mesh.vertices[f[1]], c = mesh.vertices[f[2]];
    const double area = (b[0] - a[0]) * (c[2] - a[2]) - (c[0] - a[0]) * (b[2] - a[2]);
    if (std::abs(area) < 1e-12) continue;
    const double u = ((b[0] - x) * (c[2] - z) - (c[0] - x) * (b[2] - z)) / area;
    const double v = ((c[0] - x) * (a[2] - z) - (a[0] - x) * (c[2] - z)) / area;
    const double w = 1 - u - v;
    if (u < 0 || v < 0 || w < 0) continue;
    // Faces seen from the left (+y) run clockwise in (x, z): the line leaves the mesh there.
    sum += (area < 0 ? 1 : -1) * (u * a[1] + v * b[1] + w * c[1]);
  }
  return sum;
}

}  // namespace spine::test
