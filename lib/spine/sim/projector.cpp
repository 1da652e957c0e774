#include "spine/sim/projector.h"

#include <algorithm>
#include <cmath>

#include "spine/sim/raster.h"

namespace spine::sim {

namespace {

/// Adds `scale` times `length` to the map of `material`, which is made on first use.
void add_length(PathLengthProjections& maps, Material material, const PathPatch& patch,
                double scale, cv::Size size) {
  if (patch.length_mm.empty()) return;
  cv::Mat& map = maps.length_mm[static_cast<std::size_t>(material)];
  if (map.empty()) map = cv::Mat::zeros(size, CV_32FC1);
  const float factor = static_cast<float>(scale);
  for (int y = 0; y < patch.box.height; ++y) {
    const float* from = patch.length_mm.ptr<float>(y);
    float* to = map.ptr<float>(patch.box.y + y) + patch.box.x;
    for (int x = 0; x < patch.box.width; ++x) to[x] += factor * from[x];
  }
}

/// Adds a patch to a plain map.
void add_length(cv::Mat& map, const PathPatch& patch) {
  for (int y = 0; y < patch.box.height; ++y) {
    const float* from = patch.length_mm.ptr<float>(y);
    float* to = map.ptr<float>(patch.box.y + y) + patch.box.x;
    for (int x = 0; x < patch.box.width; ++x) to[x] += from[x];
  }
}

/// outer - inner, never negative; the content of the inner surface remains in `inner`.
PathPatch shell_of(const PathPatch& outer, const PathPatch& inner) {
  PathPatch shell{outer.box, outer.length_mm.clone()};
  const cv::Rect common = outer.box & inner.box;
  for (int y = common.y; y < common.br().y; ++y) {
    float* to = shell.length_mm.ptr<float>(y - outer.box.y) - outer.box.x;
    const float* from = inner.length_mm.ptr<float>(y - inner.box.y) - inner.box.x;
    for (int x = common.x; x < common.br().x; ++x) to[x] = std::max(0.0F, to[x] - from[x]);
  }
  return shell;
}

bool is_removed(const Bone& bone, const Implants* implants) {
  if (implants == nullptr) return false;
  const auto& removed = implants->removed_bones;
  return std::find(removed.begin(), removed.end(), bone.name) != removed.end();
}

void project_bones(const Anatomy& anatomy, const Implants* implants, const Camera& camera,
                   PathLengthProjections& maps, cv::Mat& occupied) {
  for (const Bone& bone : anatomy.bones) {
    if (is_removed(bone, implants)) continue;
    const PathPatch outer = path_length(bone.outer, camera);
    if (outer.length_mm.empty()) continue;
    const PathPatch inner = path_length(bone.inner, camera);
    add_length(occupied, outer);
    add_length(maps, Material::cortical, shell_of(outer, inner), bone.cortical_density,
               camera.size());
    add_length(maps, Material::cancellous, inner, bone.cancellous_density, camera.size());
  }
}

void project_implants(const Implants& implants, const Camera& camera, PathLengthProjections& maps,
                      cv::Mat& occupied) {
  maps.implant = cv::Mat::zeros(camera.size(), CV_8UC1);
  for (const ImplantPart& part : implants.parts) {
    const PathPatch patch = path_length(part.mesh, camera);
    if (patch.length_mm.empty()) continue;
    add_length(occupied, patch);
    add_length(maps, part.material, patch, 1.0, camera.size());
    if (is_metal(part.material)) mark_silhouette(part.mesh, camera, 255, maps.implant);
  }
}

/// Soft tissue fills the skin except for other materials; soft parts may lie outside the skin.
void project_soft_tissue(const SoftTissue& soft, const Camera& camera, PathLengthProjections& maps,
                         cv::Mat& occupied) {
  for (const SoftTissue::Part& part : soft.parts) {
    const PathPatch patch = path_length(part.mesh, camera);
    if (patch.length_mm.empty()) continue;
    if (part.material != Material::soft) add_length(occupied, patch);
    add_length(maps, part.material, patch, 1.0, camera.size());
  }
  const PathPatch envelope = path_length(soft.envelope, camera);
  if (envelope.length_mm.empty()) return;
  // Parts may overlap or extend slightly beyond the skin: the excess is taken from fat, then from
  // lung, and the remainder is soft tissue.
  cv::Mat lengths = envelope.length_mm;
  for (int y = 0; y < envelope.box.height; ++y) {
    float* room = lengths.ptr<float>(y);
    const int row = envelope.box.y + y;
    const float* filled = occupied.ptr<float>(row) + envelope.box.x;
    for (int x = 0; x < envelope.box.width; ++x) room[x] -= filled[x];
    for (const Material material : {Material::fat, Material::lung}) {
      cv::Mat& map = maps.length_mm[static_cast<std::size_t>(material)];
      if (map.empty()) continue;
      float* length = map.ptr<float>(row) + envelope.box.x;
      for (int x = 0; x < envelope.box.width; ++x) {
        const float taken = std::min(length[x], std::max(0.0F, -room[x]));
        length[x] -= taken;
        room[x] += taken;
      }
    }
    for (int x = 0; x < envelope.box.width; ++x) room[x] = std::max(0.0F, room[x]);
  }
  add_length(maps, Material::soft, envelope, 1.0, camera.size());
}

/// Anatomical or prosthetic heads, the more anterior (as projected) first.
std::array<HeadTruth, 2> ordered_heads(const Anatomy& anatomy, const Implants* implants,
                                       const Camera& camera, Side anterior) {
  std::array<HeadTruth, 2> heads = anatomy.heads;
  if (implants != nullptr) {
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (implants->prosthetic_heads[i]) heads[i] = *implants->prosthetic_heads[i];
    }
  }
  const double first = camera.to_pixel(heads[0].center).x;
  const double second = camera.to_pixel(heads[1].center).x;
  if (is_more_anterior(second, first, anterior)) std::swap(heads[0], heads[1]);
  return heads;
}

void mark_structures(const Anatomy& anatomy, const std::array<HeadTruth, 2>& heads,
                     const Camera& camera, cv::Mat& structures) {
  structures = cv::Mat::zeros(camera.size(), CV_8UC1);
  const auto bit = [](Structure s) { return static_cast<std::uint8_t>(1U << index(s)); };
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    mark_silhouette(anatomy.bodies[i], camera, bit(kStructures[i]), structures);
  }
  mark_silhouette(anatomy.sacral_bodies, camera, bit(Structure::S), structures);
  mark_sphere(heads[0].center, heads[0].radius_mm, camera, bit(Structure::F1), structures);
  mark_sphere(heads[1].center, heads[1].radius_mm, camera, bit(Structure::F2), structures);
}

Landmarks project_landmarks(const Anatomy& anatomy, const std::array<HeadTruth, 2>& heads,
                            const Camera& camera, Side anterior) {
  Landmarks landmarks;
  landmarks.size = camera.size();
  landmarks.anterior = anterior;
  const cv::Rect2d film(-0.5, -0.5, camera.size().width, camera.size().height);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const VertebraTruth& truth = anatomy.vertebrae[i];
    const VertebraCorners corners{
        {camera.to_pixel(truth.sup_post), camera.to_pixel(truth.sup_ant)},
        {camera.to_pixel(truth.inf_post), camera.to_pixel(truth.inf_ant)}};
    if (film.contains(corners.sup.post) && film.contains(corners.sup.ant) &&
        film.contains(corners.inf.post) && film.contains(corners.inf.ant)) {
      landmarks.vertebrae[i] = corners;
    }
  }
  const Endplate s1{camera.to_pixel(anatomy.s1_post), camera.to_pixel(anatomy.s1_ant)};
  if (film.contains(s1.post) && film.contains(s1.ant)) landmarks.s1 = s1;
  for (const HeadTruth& head : heads) {
    const cv::Point2d center = camera.to_pixel(head.center);
    if (film.contains(center)) {
      landmarks.femoral_heads.push_back(
          {center, camera.sphere_half_width_px(head.center, head.radius_mm)});
    }
  }
  return landmarks;
}

}  // namespace

PathLengthProjections project(const Anatomy& anatomy, const SoftTissue& soft,
                              const Implants* implants, const ViewGeometry& view, int height_px) {
  const Camera camera(view, height_px);
  PathLengthProjections maps;
  maps.pixel_mm = camera.pixel_mm();
  maps.magnification = camera.magnification(anatomy.frames[2].center);

  cv::Mat occupied = cv::Mat::zeros(camera.size(), CV_32FC1);
  project_bones(anatomy, implants, camera, maps, occupied);
  if (implants != nullptr) project_implants(*implants, camera, maps, occupied);
  project_soft_tissue(soft, camera, maps, occupied);

  const auto heads = ordered_heads(anatomy, implants, camera, view.anterior);
  mark_structures(anatomy, heads, camera, maps.structures);
  maps.landmarks = project_landmarks(anatomy, heads, camera, view.anterior);
  return maps;
}

}  // namespace spine::sim
