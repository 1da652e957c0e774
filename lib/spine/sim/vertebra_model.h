#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/sagittal_corners.h"
#include "spine/sim/scene.h"

namespace spine::sim {

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
  /// Corners of the mean as (a, b).
  [[nodiscard]] std::array<cv::Vec2d, 4> own_corners() const;
  void find_pedicles();
  void measure_body();

  Part outer_, body_;
  SagittalCorners corners_;
  cv::Vec2d center_, anterior_, up_;
  Size size_;
  std::array<Pedicle, 2> pedicles_;  ///< left, right
};

}  // namespace spine::sim
