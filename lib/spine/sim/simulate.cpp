#include "spine/sim/simulate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "spine/sim/implants.h"
#include "spine/sim/patient.h"
#include "spine/sim/projector.h"

namespace spine::sim {

namespace {

constexpr int kMinRows = 1000, kMaxRows = 3000;

bool shows(const cv::Mat& visible, const cv::Point2d& point) {
  const cv::Point at(static_cast<int>(std::lround(point.x)),
                     static_cast<int>(std::lround(point.y)));
  return cv::Rect({0, 0}, visible.size()).contains(at) && visible.at<std::uint8_t>(at) != 0;
}

/// Removes landmarks hidden by the collimation.
void drop_hidden(Landmarks& landmarks, const cv::Mat& visible) {
  const auto both = [&](const Endplate& e) {
    return shows(visible, e.post) && shows(visible, e.ant);
  };
  for (auto& vertebra : landmarks.vertebrae) {
    if (vertebra && !(both(vertebra->sup) && both(vertebra->inf))) vertebra.reset();
  }
  if (landmarks.s1 && !both(*landmarks.s1)) landmarks.s1.reset();
  auto& heads = landmarks.femoral_heads;
  heads.erase(std::remove_if(heads.begin(), heads.end(),
                             [&](const FemoralHead& head) { return !shows(visible, head.center); }),
              heads.end());
}

/// Rows of a detector of 0.15–0.35 mm a pixel.
int film_rows(const ViewGeometry& view, Rng rng) {
  static constexpr double kUsual[] = {0.15, 0.175, 0.2, 0.2, 0.25, 0.28, 0.3, 0.35};
  const double pitch_mm = rng.chance(0.7) ? kUsual[rng.integer(0, 7)] : rng.uniform(0.15, 0.35);
  return std::clamp(static_cast<int>(std::lround(view.height_mm / pitch_mm)), kMinRows, kMaxRows);
}

struct Scene {
  Anatomy anatomy;
  SoftTissue soft;
  std::optional<Implants> implants;
  ViewGeometry view;
};

Scene build_scene(const Rng& rng, const PatientOptions& options, const AnatomySource& source,
                  bool with_implants) {
  Scene scene;
  const Patient patient = sample_patient(rng.split("patient"), options);
  scene.anatomy = source.build(patient, pose_spine(patient), rng.split("anatomy"));
  scene.soft = sample_soft_tissue(patient, scene.anatomy, rng.split("soft"));
  scene.view = sample_view(scene.anatomy, rng.split("view"));
  if (with_implants) scene.implants = sample_implants(scene.anatomy, rng.split("implants"));
  return scene;
}

}  // namespace

Simulator::Simulator(SimulateOptions options) : options_(std::move(options)) {
  if (options_.anatomy != AnatomyKind::meshes) parametric_ = make_parametric_anatomy();
  if (options_.anatomy != AnatomyKind::parametric) {
    meshes_ = load_mesh_anatomy(options_.anatomy_dir);
  }
}

PathLengthProjections Simulator::render_paths(std::uint64_t seed,
                                              std::optional<int> height_px) const {
  return render_paths(seed, height_px, is_implanted(seed, options_.implant_share));
}

PathLengthProjections Simulator::render_paths(std::uint64_t seed, std::optional<int> height_px,
                                              bool implants) const {
  const Rng rng(seed);
  const bool use_meshes = options_.anatomy == AnatomyKind::meshes ||
                          (options_.anatomy == AnatomyKind::mixed && rng.split("kind").chance(0.5));
  const Scene scene =
      build_scene(rng, options_.patient, use_meshes ? *meshes_ : *parametric_, implants);
  const int rows = height_px.value_or(film_rows(scene.view, rng.split("detector")));
  return project(scene.anatomy, scene.soft, scene.implants ? &*scene.implants : nullptr, scene.view,
                 rows);
}

SimulatedFilm Simulator::expose_film(const PathLengthProjections& paths, std::uint64_t seed) const {
  Rng rng = Rng(seed).split("exposure");
  cv::Mat visible;
  const cv::Mat pixels = expose(paths, options_.exposure, rng, &visible);
  FilmInfo info;
  info.spacing = Spacing{paths.pixel_mm, paths.pixel_mm};
  info.spacing_source = SpacingSource::detector_plane;
  SimulatedFilm film{Image(pixels, info), truth_masks(paths, visible), paths.landmarks, {}};
  drop_hidden(film.landmarks, visible);
  if (!paths.implant.empty()) {
    film.implant_mask = cv::Mat::zeros(paths.implant.size(), CV_8UC1);
    paths.implant.copyTo(film.implant_mask, visible);
  }
  return film;
}

SimulatedFilm Simulator::simulate(std::uint64_t seed) const {
  return simulate(seed, is_implanted(seed, options_.implant_share));
}

SimulatedFilm Simulator::simulate(std::uint64_t seed, bool implants) const {
  return expose_film(render_paths(seed, options_.height_px, implants), seed);
}

MaskStack truth_masks(const PathLengthProjections& paths, const cv::Mat& visible) {
  const cv::Size size = paths.structures.size();
  MaskStack masks(size);
  for (const Structure s : kStructures) {
    const auto bit = static_cast<std::uint8_t>(1U << index(s));
    cv::Mat mask(size, CV_8UC1);
    for (int y = 0; y < size.height; ++y) {
      const auto* bits = paths.structures.ptr<std::uint8_t>(y);
      const auto* seen = visible.empty() ? nullptr : visible.ptr<std::uint8_t>(y);
      auto* out = mask.ptr<std::uint8_t>(y);
      for (int x = 0; x < size.width; ++x) {
        out[x] = (bits[x] & bit) != 0 && (seen == nullptr || seen[x] != 0) ? 255 : 0;
      }
    }
    masks.set(s, mask);
  }
  return masks;
}

}  // namespace spine::sim
