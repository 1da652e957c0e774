#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Corners of a vertebral body in a sagittal plane (first coordinate anterior, second up), mm.
struct SagittalCorners {
  cv::Vec2d sup_post, sup_ant, inf_post, inf_ant;
};

/// Corners of the body whose sagittal silhouette is the hull of `points_mm`, by the definition of
/// landmarks in stages/README.md: each lies at the 45° point of its rounded corner (where the
/// hull's tangent bisects endplate and wall); a superior one is then moved to the line that touches
/// both superior rims, but not farther than 0.35 mm.
SagittalCorners find_corners(const std::vector<cv::Vec2d>& points_mm);

/// A mean vertebra, analysed once and warped for every patient.
///
/// Local coordinates: `a` anterior and `b` up are -1 and +1 at the corners of the body (on average;
/// the body may be wedged), y is left in mm.
class VertebraModel {
 public:
  /// @param mesh   closed, mm, x anterior, y left, z up; the body is the part anterior to the canal
  /// @param faces  approximate number of faces after decimation
  /// @throws Error(unreadable) if body and canal cannot be identified
  VertebraModel(const Mesh& mesh, std::size_t faces);

  /// Dimensions of the mean body, mm.
  struct Size {
    double half_depth = 1, half_height = 1;  ///< lengths of a = 1 and b = 1
    double width_sup = 1, width_inf = 1;
    double concavity_sup = 0, concavity_inf = 0;
  };

  /// Variation of one vertebra from the mean.
  struct Variation {
    LevelShape shape;
    LevelPose pose;
    /// 0 lumbar ... 1 mid-thoracic: short transverse, sloping spinous process.
    double thoracic = 0;
    double cortical_thickness = 1;  ///< relative
    double freedom = 1;             ///< scales the free-form deformation; 0 = none
  };
  /// A warped vertebra.
  struct Result {
    Mesh outer, inner, body;  ///< world frame, mm, closed
    VertebraFrame frame;
  };
  /// Warps the mean such that find_corners() gives exactly `pose.corners` (except for osteophytes).
  [[nodiscard]] Result warp(const Variation& variation, Rng rng) const;

  /// The mean vertebra.
  [[nodiscard]] const Mesh& outer() const { return outer_.mesh; }
  /// The mean body.
  [[nodiscard]] const Mesh& body() const { return body_.mesh; }
  /// Corners of the mean, in the x and z of the mesh.
  [[nodiscard]] const SagittalCorners& corners() const { return corners_; }

 private:
  struct Part {
    Mesh mesh;
    std::vector<cv::Vec3d> own;  ///< (a, y in mm, b) of every vertex
  };
  struct Pedicle {
    cv::Vec3d own_center;
    double height_mm = 0, width_mm = 0, area_mm2 = 0;
  };
  [[nodiscard]] cv::Vec3d to_own(const cv::Vec3d& p) const;
  /// The pedicle cut by the plane `a` along `loop`, if the loop can be one.
  [[nodiscard]] std::optional<Pedicle> pedicle_at(double a,
                                                  const std::vector<cv::Vec3d>& loop) const;
  void find_pedicles();
  void measure_body();

  Part outer_, body_;
  SagittalCorners corners_;
  cv::Vec2d center_, anterior_, up_;
  Size size_;
  std::array<Pedicle, 2> pedicles_;  ///< left, right
};

}  // namespace spine::sim
