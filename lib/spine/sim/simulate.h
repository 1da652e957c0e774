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

/// How bones are generated.
enum class AnatomyKind {
  parametric,  ///< fully parametric generator; needs no files
  meshes,      ///< real mean meshes of SimulateOptions::anatomy_dir, with random variation
  mixed,       ///< either, determined by the seed
};

/// What is simulated.
struct SimulateOptions {
  AnatomyKind anatomy = AnatomyKind::parametric;
  std::filesystem::path anatomy_dir;  ///< contains lumbar_mean/ and myo_sim/
  double implant_share = 0;           ///< fraction of patients with implants, 0 to 1
  PatientOptions patient;
  std::optional<int> height_px;  ///< film height; nullopt: drawn, 1,000–3,000
  ExposureOptions exposure;
};

/// A film with exact truth. Frame of masks and landmarks: the film's pixels.
struct SimulatedFilm {
  Image image;
  MaskStack masks;
  Landmarks landmarks;
  cv::Mat implant_mask;  ///< metal implants, CV_8UC1 0/255; empty without implants
};

/// Simulates films by seed. Holds the anatomy sources, loaded once; immutable and thread-safe. The
/// same seed gives bit-identical results on any machine and for any number of threads.
class Simulator {
 public:
  /// @throws Error(not_found | unreadable) if meshes are requested and cannot be loaded
  explicit Simulator(SimulateOptions options);

  /// Simulates a seed up to the exposure: patient, anatomy, pose and projection, at `height_px`
  /// rows (nullopt: those of the seed's detector, 1,000–3,000). Patient and view do not depend on
  /// the height.
  [[nodiscard]] PathLengthProjections render_paths(std::uint64_t seed,
                                                   std::optional<int> height_px) const;

  /// The same with or without implants, regardless of the options.
  [[nodiscard]] PathLengthProjections render_paths(std::uint64_t seed, std::optional<int> height_px,
                                                   bool implants) const;

  /// The complete film of a seed: render_paths at the height in the options, and expose_film.
  [[nodiscard]] SimulatedFilm simulate(std::uint64_t seed) const;
  /// The same with or without implants: twins differ in nothing else.
  [[nodiscard]] SimulatedFilm simulate(std::uint64_t seed, bool implants) const;

  /// Exposes maps with the exposure of the seed and restricts the truth to the area inside the
  /// collimation: simulate(seed) = expose_film(render_paths(seed, height), seed).
  [[nodiscard]] SimulatedFilm expose_film(const PathLengthProjections& paths,
                                          std::uint64_t seed) const;

  [[nodiscard]] const SimulateOptions& options() const noexcept { return options_; }

 private:
  SimulateOptions options_;
  std::shared_ptr<const AnatomySource> parametric_, meshes_;  ///< null if not needed
};

/// The eight truth masks of PathLengthProjections::structures, restricted to `visible` (CV_8UC1, 0
/// = hidden) if given.
MaskStack truth_masks(const PathLengthProjections& paths, const cv::Mat& visible = {});

}  // namespace spine::sim
