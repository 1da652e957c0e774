#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/sim/expose.h"
#include "spine/sim/scene.h"

namespace spine::sim {

enum class AnatomyKind {
  parametric,  ///< the project's own generator; needs no files
  meshes,      ///< real mean meshes of SimulateOptions::anatomy_dir, varied freely
  mixed,       ///< either, by the seed
};

struct SimulateOptions {
  AnatomyKind anatomy = AnatomyKind::parametric;
  std::filesystem::path anatomy_dir;     ///< holds lumbar_mean/ and myo_sim/
  bool implants = false;                 ///< metal in the film (its twin: same seed, false)
  std::optional<int> height_px;          ///< film height; nullopt: drawn, 1,000–3,000
  ExposureOptions exposure;
};

/// A film with exact truth. Frame of masks and landmarks: the film's pixels.
struct SimulatedFilm {
  Image image;
  MaskStack masks;
  Landmarks landmarks;
  cv::Mat implant_mask;  ///< CV_8UC1 0/255; empty without implants
};

/// Patient, anatomy, pose and projection of one seed, at a height of `height_px` rows: everything
/// before exposure. The same seed gives the same patient and view at any height.
PathMaps render_paths(std::uint64_t seed, const SimulateOptions& options, int height_px);

/// The whole film of one seed: render_paths and expose. The same seed gives the same bytes on any
/// machine and any thread count.
SimulatedFilm simulate(std::uint64_t seed, const SimulateOptions& options);

}  // namespace spine::sim
