#pragma once
#include <functional>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

// Building blocks of the parametric bones: lofts, tubes, spheres, and smooth random displacement.
namespace spine::sim {

/// A closed polyline, millimetres.
using Ring = std::vector<cv::Vec3d>;

/// Appends a copy of `part` to `mesh`.
void append(Mesh& mesh, const Mesh& part);
/// Volume enclosed, mm^3; positive when the faces look outward.
double signed_volume(const Mesh& mesh);
/// Reverses all faces if the mesh encloses a negative volume.
void orient_outward(Mesh& mesh);
/// Applies a placement to every vertex.
void transform(Mesh& mesh, const Transform& placement);
/// Area-weighted unit normals, one per vertex.
std::vector<cv::Vec3d> vertex_normals(const Mesh& mesh);
/// Every vertex moved inward along its normal by thickness(vertex, normal) mm.
Mesh offset_inward(const Mesh& mesh,
                   const std::function<double(const cv::Vec3d&, const cv::Vec3d&)>& thickness);

/// Closed surface through rings of equally many points; both ends are closed by a fan to the ring's
/// centroid. Oriented outward.
Mesh loft(std::span<const Ring> rings);
/// A UV sphere.
/// @param rings  from pole to pole
Mesh sphere(const cv::Vec3d& center, double radius, int rings, int segments);

/// A cross-section of a tube: a superellipse spanned by `side` (made perpendicular to the path) and
/// the direction perpendicular to it and to the path.
struct TubeNode {
  cv::Vec3d center;
  double half_side = 3, half_other = 3;  ///< mm
};
/// A tube along a smooth curve with a superelliptic cross-section.
struct Tube {
  std::vector<TubeNode> nodes;  ///< at least two; a Catmull–Rom curve runs through them
  cv::Vec3d side{0, 1, 0};
  double exponent = 2;  ///< of the superellipse: 2 = ellipse, more = boxier
  int segments = 16;
  double step_mm = 3.0;                       ///< along the path
  bool round_start = true, round_end = true;  ///< rounded ends, or flat and open in the cortex
};
/// The surface of a tube, inset by `inset_mm`; empty if nothing remains.
Mesh tube(const Tube& tube, double inset_mm = 0);
/// Adds a tube with a cortical wall of `cortex_mm`. A flat end has no cortex, so that a part
/// embedded in another bone causes no line there.
void add_tube(Bone& bone, const Tube& form, double cortex_mm);

/// Points of a Catmull–Rom curve through `points`, about `step` apart. Closed curves wrap around.
std::vector<cv::Vec3d> smooth_curve(std::span<const cv::Vec3d> points, double step, bool closed);

/// A smooth random displacement field: a sum of plane waves of random direction and phase.
class SmoothNoise {
 public:
  /// @param amplitude_mm   standard deviation of each component, about
  /// @param wavelength_mm  the longest; the shortest is a third of it
  SmoothNoise(Rng rng, double amplitude_mm, double wavelength_mm);
  [[nodiscard]] cv::Vec3d operator()(const cv::Vec3d& p) const;
  /// Displaces all vertices by the field.
  void displace(Mesh& mesh) const;

 private:
  struct Wave {
    cv::Vec3d frequency, amplitude;
    double phase = 0;
  };
  std::vector<Wave> waves_;
};

/// Smooth step: 0 below `low`, 1 above `high`.
double smoothstep(double low, double high, double x);

}  // namespace spine::sim
