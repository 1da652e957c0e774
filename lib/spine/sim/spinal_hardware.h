#pragma once
#include <array>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"

// Closed meshes of spinal implants, millimetres, world frame.
namespace spine::sim {

/// A pedicle screw's shaft: a core with one helical thread, tapering to a blunt tip.
struct ScrewForm {
  cv::Vec3d head, tip;       ///< where the shaft leaves the head, and its other end
  double diameter_mm = 6.5;  ///< over the thread
  double core = 0.68;        ///< core diameter over outer diameter
  double pitch_mm = 2.7;
  bool cannulated = false;  ///< a 1.5 mm bore along the whole shaft
};
/// Builds a screw. @throws Error(internal) for a length below 5 mm
Mesh make_screw(const ScrewForm& form);

/// The screw's head: ball, cup, the two walls that hold the rod between them, and the set screw.
struct TulipForm {
  cv::Vec3d center;  ///< on the rod's axis
  cv::Vec3d rod;     ///< unit vector along the rod
  cv::Vec3d back;    ///< unit vector away from the screw, perpendicular to `rod`
  double radius_mm = 6.3;
  double rod_diameter_mm = 5.5;
  double height_mm = 7;  ///< of the walls over the rod's axis
};
/// Builds a tulip.
Mesh make_tulip(const TulipForm& form);
/// Distance from the centre of a tulip to the start of its screw shaft, mm.
inline constexpr double kTulipDepthMm = 8.5;

/// Builds a round bar along a smooth curve through `points`. @throws Error(internal) for fewer than
/// two points
Mesh make_rod(const std::vector<cv::Vec3d>& points, double diameter_mm);

/// Builds a straight round pin.
Mesh make_pin(const cv::Vec3d& from, const cv::Vec3d& to, double diameter_mm);

/// The space between two endplates; a cage's top and bottom follow them.
struct DiscSpace {
  cv::Vec3d lower_post, lower_ant;  ///< superior endplate of the vertebra below
  cv::Vec3d upper_post, upper_ant;  ///< inferior endplate of the vertebra above
  cv::Vec3d left;                   ///< unit vector
  /// depth 0 = posterior ... 1 = anterior, height 0 = below ... 1 = above, left in mm.
  [[nodiscard]] cv::Vec3d at(double depth, double left_mm, double height) const;
  /// Distance from the posterior to the anterior end, mm.
  [[nodiscard]] double depth_mm() const;
  /// Height at a depth, mm.
  [[nodiscard]] double height_mm(double depth) const;
};

/// An interbody cage with rounded corners and an open middle for bone graft.
struct CageForm {
  double depth_from = 0.3, depth_to = 0.8;     ///< as DiscSpace::at
  double left_from_mm = -12, left_to_mm = 12;  ///< left-right
  double bend_mm = 0;   ///< curved cage: posterior offset of the sides relative to the middle
  double wall_mm = 3;   ///< around the opening
  double embed = 0.04;  ///< depth of embedding in the endplates, fraction of the disc height
};
/// Builds a cage in a disc space.
Mesh make_cage(const DiscSpace& space, const CageForm& form);

/// Builds the pins that mark the ends of a radiolucent cage on films.
std::array<Mesh, 4> make_cage_markers(const DiscSpace& space, const CageForm& form);

}  // namespace spine::sim
