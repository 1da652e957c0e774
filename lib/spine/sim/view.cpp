#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"
#include "spine/sim/projector.h"

namespace spine::sim {

namespace {

cv::Matx33d rotation_about(int axis, double angle_deg) {
  const double c = std::cos(rad_from_deg(angle_deg)), s = std::sin(rad_from_deg(angle_deg));
  if (axis == 0) return {1, 0, 0, 0, c, -s, 0, s, c};
  return {c, -s, 0, s, c, 0, 0, 0, 1};
}

/// Extents on the film, millimetres from the foot of the central ray; y runs down.
struct Extent {
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  void add(const cv::Point2d& p, double margin = 0) {
    left = std::min(left, p.x - margin);
    right = std::max(right, p.x + margin);
    top = std::min(top, p.y - margin);
    bottom = std::max(bottom, p.y + margin);
  }
};

/// The beam without the film's borders.
struct Beam {
  cv::Vec3d source, right, down, normal;
  double distance_mm;
  [[nodiscard]] cv::Point2d operator()(const cv::Vec3d& point) const {
    const cv::Vec3d p = point - source;
    const double scale = distance_mm / p.dot(normal);
    return {p.dot(right) * scale, p.dot(down) * scale};
  }
};

Beam aim(const cv::Vec3d& target, Side anterior, double tilt_deg, Rng& rng) {
  static constexpr double kUsualDistances[] = {1100, 1150, 1200, 1500, 1500, 1800, 1800};
  const double distance =
      rng.chance(0.75) ? kUsualDistances[rng.integer(0, 6)] : rng.uniform(1000, 1800);
  const double to_film = rng.uniform(180, 280);  // from the middle of the body
  const double side = rng.chance(0.5) ? 1 : -1;  // which of the patient's sides faces the tube
  const double axial = rng.normal_within(0, rng.chance(0.8) ? 1.5 : 4.0, -8, 8);
  const double lateral = rng.normal_within(0, 1.2, -4, 4);
  const cv::Matx33d turn = rotation_about(2, axial) * rotation_about(0, lateral);

  Beam beam;
  beam.distance_mm = distance;
  beam.normal = turn * cv::Vec3d(0, side, 0);
  const cv::Vec3d right = turn * cv::Vec3d(anterior == Side::left ? -1 : 1, 0, 0);
  const cv::Vec3d down = turn * cv::Vec3d(0, 0, -1);
  const double c = std::cos(rad_from_deg(tilt_deg)), s = std::sin(rad_from_deg(tilt_deg));
  beam.right = right * c + down * s;
  beam.down = down * c - right * s;
  beam.source = target - beam.normal * (distance - to_film);
  return beam;
}

}  // namespace

ViewGeometry sample_view(const Anatomy& anatomy, Rng rng) {
  ViewGeometry view;
  view.anterior = rng.chance(0.5) ? Side::left : Side::right;
  view.tilt_deg = rng.normal_within(0, 1.5, -5, 5);
  // The central ray goes through L4, near the iliac crest.
  const cv::Vec3d target =
      anatomy.frames[3].center + cv::Vec3d(rng.normal(0, 20), 0, rng.normal(-22, 22));
  const Beam beam = aim({target[0], 0, target[2]}, view.anterior, view.tilt_deg, rng);

  Extent spine, sacrum, heads;
  for (const VertebraTruth& v : anatomy.vertebrae) {
    for (const cv::Vec3d& corner : {v.sup_post, v.sup_ant, v.inf_post, v.inf_ant}) {
      spine.add(beam(corner));
    }
  }
  for (const cv::Vec3d& corner : {anatomy.s1_post, anatomy.s1_ant}) spine.add(beam(corner));
  for (const cv::Vec3f& v : anatomy.sacral_bodies.vertices) sacrum.add(beam(cv::Vec3d(v)));
  for (const HeadTruth& head : anatomy.heads) {
    heads.add(beam(head.center), 1.25 * head.radius_mm);
  }
  const double highest = beam(anatomy.thorax_top).y;

  // From a little above L1 to as high as bones are modelled; from the sacrum to below the hips.
  double top = spine.top - rng.uniform(12, rng.chance(0.3) ? 60 : 130);
  top = std::max(top, highest);
  double bottom = heads.bottom + rng.uniform(0, 75);
  if (rng.chance(0.06)) {  // femoral heads partly or completely outside the film
    bottom = rng.uniform(std::max(spine.bottom + 15, heads.top - 25), heads.bottom - 10);
  }
  const double height = std::max(bottom - top, 60.0);

  static constexpr double kUsualAspects[] = {0.78, 0.81, 0.74, 0.7, 0.65, 0.6};
  double width =
      height * (rng.chance(0.7) ? kUsualAspects[rng.integer(0, 5)] : rng.uniform(0.5, 0.95));
  const double needed_left = std::min({spine.left, heads.left, sacrum.left}) - 6;
  const double needed_right = std::max({spine.right, heads.right, sacrum.right}) + 6;
  width = std::max(width, needed_right - needed_left);
  const double slack = width - (needed_right - needed_left);
  const double share = rng.normal_within(0.5, 0.17, 0.0, 1.0);
  const double left = needed_left - slack * share;

  view.width_mm = width;
  view.height_mm = height;
  view.source = beam.source;
  view.right = beam.right;
  view.down = beam.down;
  view.detector_origin =
      beam.source + beam.normal * beam.distance_mm + beam.right * left + beam.down * top;
  return view;
}

}  // namespace spine::sim
