#pragma once
#include <cstdint>

#include <opencv2/core.hpp>

#include "spine/sim/mesh.h"
#include "spine/sim/projector.h"

namespace spine::sim {

/// Perspective camera: point source and film at a resolution; maps world millimetres to film
/// pixels.
class Camera {
 public:
  /// @throws Error(internal) unless the film lies in front of the source.
  Camera(const ViewGeometry& view, int height_px);

  /// Film size, pixels.
  [[nodiscard]] cv::Size size() const noexcept { return size_; }
  /// Pixel pitch of the film, mm.
  [[nodiscard]] double pixel_mm() const noexcept { return pixel_mm_; }
  /// World point to film pixels (origin at the centre of the top-left pixel).
  [[nodiscard]] cv::Point2d to_pixel(const cv::Vec3d& point) const;
  /// World point to (x px, y px, distance from the source along the film's normal in mm).
  [[nodiscard]] cv::Vec3d to_pixel_and_depth(const cv::Vec3d& point) const;
  /// Film distance over the point's distance from the source.
  [[nodiscard]] double magnification(const cv::Vec3d& point) const;
  /// Half the extent, along the film's x, of a sphere's shadow, pixels.
  [[nodiscard]] double sphere_half_width_px(const cv::Vec3d& center, double radius_mm) const;
  /// Ray through a pixel's centre, in the frame (film right, film down, normal), normal part 1.
  [[nodiscard]] cv::Vec3d ray(int x, int y) const;
  /// World point relative to the source in that same frame, millimetres.
  [[nodiscard]] cv::Vec3d to_camera(const cv::Vec3d& point) const;
  /// +1, or -1 when the film is shown mirrored (seen from the source's side).
  [[nodiscard]] int handedness() const noexcept { return handedness_; }

 private:
  cv::Vec3d source_, right_, down_, normal_;
  double distance_mm_ = 0;           ///< source to film
  double left_mm_ = 0, top_mm_ = 0;  ///< the film's corner from the foot of the normal
  double pixel_mm_ = 0;
  int handedness_ = 1;
  cv::Size size_;
};

/// Path lengths through one mesh inside its bounding box on the film.
struct PathPatch {
  cv::Rect box;
  cv::Mat length_mm;  ///< CV_32FC1 of the box's size, or empty: the mesh is outside the film
};

/// Path length of every ray inside a closed mesh: the sum over its triangles of plus (exit) or
/// minus (entry) the distance from the source. Vertices are rounded to 1/256 pixel and pixels on an
/// edge belong to one side of it, so that a closed mesh has no holes and no spikes.
PathPatch path_length(const Mesh& mesh, const Camera& camera);

/// Sets `bit` in `bits` (CV_8UC1) where a ray through the pixel's centre hits the mesh.
void mark_silhouette(const Mesh& mesh, const Camera& camera, std::uint8_t bit, cv::Mat& bits);

/// The same for a sphere, exactly (its shadow is an ellipse).
void mark_sphere(const cv::Vec3d& center, double radius_mm, const Camera& camera, std::uint8_t bit,
                 cv::Mat& bits);

}  // namespace spine::sim
