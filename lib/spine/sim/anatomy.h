#pragma once
#include <filesystem>
#include <memory>

#include "spine/sim/patient.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Bone::cancellous_density for a relative trabecular density (1 = healthy adult): lost trabeculae
/// are replaced by marrow, so the attenuation falls to that of marrow (about 0.76 of a healthy
/// adult's cancellous bone at 60 keV), not to zero.
constexpr double cancellous_density(double trabecular_density) {
  return 0.76 + 0.24 * trabecular_density;
}

/// Builds the bones of a posed patient. Implementations are immutable and may be shared by threads.
class AnatomySource {
 public:
  AnatomySource() = default;
  AnatomySource(const AnatomySource&) = delete;
  AnatomySource& operator=(const AnatomySource&) = delete;
  AnatomySource(AnatomySource&&) = delete;
  AnatomySource& operator=(AnatomySource&&) = delete;
  virtual ~AnatomySource() = default;
  /// Builds the bones in the world frame of scene.h, mm. Deterministic in its arguments.
  [[nodiscard]] virtual Anatomy build(const Patient& patient, const SpinePose& pose,
                                      Rng rng) const = 0;
};

/// A fully parametric generator; needs no files.
std::unique_ptr<AnatomySource> make_parametric_anatomy();

/// Real mean meshes from `folder` (lumbar_mean/L2..L5.ply, myo_sim/*.stl), warped onto the pose's
/// corners and varied by smooth free-form deformation.
/// @throws Error(not_found | unreadable) naming the file.
std::unique_ptr<AnatomySource> load_mesh_anatomy(const std::filesystem::path& folder);

}  // namespace spine::sim
