#include <cmath>

#include "spine/core/geometry.h"
#include "spine/sim/patient.h"

namespace spine::sim {

namespace {

// Sagittal plane: x anterior, z up. An elevation is the angle of a posterior-to-anterior vector
// above the horizontal.
struct Vec2 {
  double x = 0, z = 0;
};
Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.z + b.z}; }
Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.z - b.z}; }
Vec2 operator*(double s, Vec2 a) { return {s * a.x, s * a.z}; }
double dot(Vec2 a, Vec2 b) { return a.x * b.x + a.z * b.z; }
Vec2 direction(double elevation_rad) { return {std::cos(elevation_rad), std::sin(elevation_rad)}; }
Vec2 normal(double elevation_rad) { return {-std::sin(elevation_rad), std::cos(elevation_rad)}; }

/// An endplate's line: its ends and its elevation.
struct Plate {
  Vec2 post, ant;
  double elevation_rad = 0;
  [[nodiscard]] Vec2 middle() const { return 0.5 * (post + ant); }
};

struct Body {
  Plate sup, inf;
  double elevation_rad = 0;
  [[nodiscard]] Vec2 center() const { return 0.5 * (sup.middle() + inf.middle()); }
};

Plate plate(Vec2 middle, double elevation_rad, double depth) {
  const Vec2 half = depth / 2 * direction(elevation_rad);
  return {middle - half, middle + half, elevation_rad};
}

/// Puts a body on the upper endplate of the one below.
Body stack(const LevelShape& shape, const Plate& below) {
  const BodyQuad quad = body_quad(shape);
  const double angle = rad_from_deg(shape.disc_angle);
  const double inf_elevation = below.elevation_rad + angle;
  // The middle of the inferior endplate lies disc_height above the disc's lower middle along the
  // disc's bisector, and the posterior corner `slip` in front of the lower one.
  const Vec2 bisector = normal(below.elevation_rad + angle / 2);
  const Vec2 e = direction(below.elevation_rad);
  const Vec2 half = shape.depth_inf / 2 * direction(inf_elevation);
  const double along = shape.slip + dot(half, e) - dot(below.middle() - below.post, e);
  const double det = bisector.x * e.z - bisector.z * e.x;
  const Vec2 offset{(shape.disc_height * e.z - along * bisector.z) / det,
                    (along * bisector.x - shape.disc_height * e.x) / det};
  Body body;
  body.inf = plate(below.middle() + offset, inf_elevation, shape.depth_inf);
  body.elevation_rad = inf_elevation + quad.wedge_rad / 2;
  body.sup = plate(body.inf.middle() + quad.mid_height * normal(body.elevation_rad),
                   inf_elevation + quad.wedge_rad, shape.depth_sup);
  return body;
}

/// The level in space: its mid-sagittal plane turned by the scoliosis about its centre, every
/// corner moved sideways onto that plane, so that the sagittal projection stays as it was.
LevelPose place(const Body& body, const LevelShape& shape, double center_y) {
  const Vec2 a = direction(body.elevation_rad), u = normal(body.elevation_rad);
  const double tilt = rad_from_deg(shape.lateral_tilt), turn = rad_from_deg(shape.axial_rotation);
  const cv::Vec3d ant(a.x, 0, a.z), left(0, 1, 0), up(u.x, 0, u.z);
  const cv::Vec3d side = -std::sin(turn) * std::cos(tilt) * ant +
                         std::cos(turn) * std::cos(tilt) * left + std::sin(tilt) * up;
  const Vec2 c = body.center();
  LevelPose pose;
  pose.center = {c.x, center_y, c.z};
  const auto onto_plane = [&](Vec2 p) {
    const Vec2 d = p - c;
    return cv::Vec3d(p.x, center_y - (side[0] * d.x + side[2] * d.z) / side[1], p.z);
  };
  pose.corners = {onto_plane(body.sup.post), onto_plane(body.sup.ant), onto_plane(body.inf.post),
                  onto_plane(body.inf.ant)};
  const cv::Vec3d anterior = cv::normalize(onto_plane(c + a) - pose.center);
  const cv::Vec3d cranial = anterior.cross(side);
  for (int r = 0; r < 3; ++r) {
    pose.axes(r, 0) = anterior[r];
    pose.axes(r, 1) = side[r];
    pose.axes(r, 2) = cranial[r];
  }
  return pose;
}

}  // namespace

SpinePose pose_spine(const Patient& patient) {
  SpinePose pose;
  const double pt = rad_from_deg(patient.pt), ss = rad_from_deg(patient.ss);
  // The hip axis is the origin; PT > 0 puts the endplate's middle behind it.
  const Plate s1 =
      plate({-patient.pelvic_radius * std::sin(pt), patient.pelvic_radius * std::cos(pt)}, -ss,
            patient.s1_depth);
  pose.s1_post = {s1.post.x, 0, s1.post.z};
  pose.s1_ant = {s1.ant.x, 0, s1.ant.z};
  pose.sacrum_axes = {std::cos(ss), 0, std::sin(ss), 0, 1, 0, -std::sin(ss), 0, std::cos(ss)};
  for (int side = 0; side < 2; ++side) {
    pose.heads[static_cast<std::size_t>(side)] = {
        {0, (side == 0 ? 0.5 : -0.5) * patient.head_separation, 0}, patient.head_radius};
  }

  Plate below = s1;
  double center_y = 0, previous_z = s1.middle().z, previous_tilt = 0;
  for (const std::size_t i : kLevelsUpwards) {
    const LevelShape& shape = patient.levels[i];
    const Body body = stack(shape, below);
    const double mean_tilt = rad_from_deg((shape.lateral_tilt + previous_tilt) / 2);
    center_y -= std::tan(mean_tilt) * (body.center().z - previous_z);
    pose.levels[i] = place(body, shape, center_y);
    previous_z = body.center().z;
    previous_tilt = shape.lateral_tilt;
    below = body.sup;
  }
  return pose;
}

}  // namespace spine::sim
