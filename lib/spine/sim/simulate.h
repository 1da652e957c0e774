#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/sim/anatomy.h"
#include "spine/sim/expose.h"
#include "spine/sim/patient.h"
#include "spine/sim/scene.h"

namespace spine::sim {

enum class AnatomyKind {
  parametric,  ///< the project's own generator; needs no files
  meshes,      ///< real mean meshes of SimulateOptions::anatomy_dir, varied freely
  mixed,       ///< either, by the seed
};

struct SimulateOptions {
  AnatomyKind anatomy = AnatomyKind::parametric;
  std::filesystem::path anatomy_dir;  ///< holds lumbar_mean/ and myo_sim/
  double implant_share = 0;           ///< of the patients, 0 to 1, that hold metal
  PatientOptions patient;
  std::optional<int> height_px;  ///< film height; nullopt: drawn, 1,000–3,000
  ExposureOptions exposure;
};

/// A film with exact truth. Frame of masks and landmarks: the film's pixels.
struct SimulatedFilm {
  Image image;
  MaskStack masks;
  Landmarks landmarks;
  cv::Mat implant_mask;  ///< the metal, CV_8UC1 0/255; empty without implants
};

/// Simulated films by seed. Holds the anatomy sources, loaded once; immutable, so that one object
/// may serve any number of threads. The same seed gives the same bytes on any machine and any
/// thread count.
class Simulator {
 public:
  /// @throws Error(not_found | unreadable) when meshes are asked for and cannot be loaded.
  explicit Simulator(SimulateOptions options);

  /// Patient, anatomy, pose and projection of one seed, at a height of `height_px` rows (nullopt:
  /// the seed's own detector, 1,000–3,000 rows): everything before exposure. The same seed gives
  /// the same patient and view at any height.
  [[nodiscard]] PathLengthProjections render_paths(std::uint64_t seed,
                                                   std::optional<int> height_px) const;

  /// The same, with metal or without, whatever the options say.
  [[nodiscard]] PathLengthProjections render_paths(std::uint64_t seed, std::optional<int> height_px,
                                                   bool implants) const;

  /// The whole film of one seed: render_paths at the options' height, and expose_film.
  [[nodiscard]] SimulatedFilm simulate(std::uint64_t seed) const;
  /// The same, with metal or without: twins differ in nothing else.
  [[nodiscard]] SimulatedFilm simulate(std::uint64_t seed, bool implants) const;

  /// Exposes given maps with the seed's own exposure and cuts the truth to what collimation left
  /// open: simulate(seed) = expose_film(render_paths(seed, height), seed).
  [[nodiscard]] SimulatedFilm expose_film(const PathLengthProjections& paths,
                                          std::uint64_t seed) const;

  [[nodiscard]] const SimulateOptions& options() const noexcept { return options_; }

 private:
  SimulateOptions options_;
  std::shared_ptr<const AnatomySource> parametric_, meshes_;  ///< null where not needed
};

/// The eight truth masks of PathLengthProjections::structures, cut to `visible` (CV_8UC1, 0 =
/// hidden) if given.
MaskStack truth_masks(const PathLengthProjections& paths, const cv::Mat& visible = {});

}  // namespace spine::sim
