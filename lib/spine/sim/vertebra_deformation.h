#pragma once
#include <array>

#include <opencv2/core.hpp>

#include "spine/sim/mesh_build.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"
#include "spine/sim/vertebra_model.h"

// How a mean vertebra is changed into one patient's. Coordinates (a, y, b) as VertebraModel's.
namespace spine::sim {

/// Values of the functions that carry corners to corners: 1, a, b and a·b, the last held constant
/// beyond the body so that the arch is not sheared away by a wedged body.
cv::Vec4d basis(double a, double b);

/// Coefficients of a vector field over basis(), one set a coordinate; mm in the level's frame.
using Coefficients = std::array<cv::Vec4d, 3>;

/// Coefficients of a field over `basis` that takes the given values at the four corners.
Coefficients interpolate(const std::array<cv::Vec2d, 4>& at,
                         const std::array<cv::Vec3d, 4>& values);

/// A vertex after the free-form deformation, before the corners are placed: its values of basis()
/// and the remaining displacement, mm in the level's frame.
struct Deformed {
  cv::Vec4d weights;
  cv::Vec3d rest;
  /// Position with the corners placed by `c`.
  [[nodiscard]] cv::Vec3d at(const Coefficients& c) const {
    return {weights.dot(c[0]) + rest[0], weights.dot(c[1]) + rest[1], weights.dot(c[2]) + rest[2]};
  }
};

/// Free-form deformation of the mean vertebra into one patient's; the corners are placed
/// afterwards.
class Deformation {
 public:
  Deformation(const VertebraModel::Size& size, const VertebraModel::Variation& variation,
              const Rng& rng);

  /// @param own  (a, y in mm, b) as VertebraModel's
  [[nodiscard]] Deformed operator()(const cv::Vec3d& own) const;

  /// Lips that grow outwards from the rims, a little beyond the endplate's plane: displacement in
  /// the level's frame, mm.
  [[nodiscard]] cv::Vec3d osteophytes(const cv::Vec3d& own) const;

  /// Width relative to the mean's.
  [[nodiscard]] double mean_width_scale() const { return (scale_sup_ + scale_inf_) / 2; }

  /// The level's frame, without pedicles.
  [[nodiscard]] VertebraFrame frame(const LevelPose& pose) const;

 private:
  static constexpr double kSpinousStart = -2.4;  ///< as `a`
  static constexpr double kProcessStartMm = 24;  ///< the transverse processes lie farther out
  static constexpr double kMeanWaist = 0.08;     ///< of the mean meshes

  /// An intrusion of the disc into an endplate (Schmorl's node).
  struct Dent {
    double depth_mm = 0, radius_mm = 4;
    double a = 0, y = 0;
  };

  /// Waist, dished endplates and dents: displacement in the level's frame, mm.
  [[nodiscard]] cv::Vec3d body_shape(double a, double y, double b) const;

  VertebraModel::Size size_;
  LevelShape shape_;
  double depth_, height_, scale_sup_, scale_inf_, transverse_;
  double spinous_length_ = 1, spinous_drop_ = 0;
  std::array<Dent, 2> dents_;  ///< superior, inferior
  SmoothNoise body_noise_, arch_noise_;
};

}  // namespace spine::sim
