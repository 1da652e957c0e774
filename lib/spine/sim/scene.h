#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/landmarks.h"
#include "spine/core/structure.h"
#include "spine/sim/mesh.h"

// Data types shared by the parts of the simulator.
//
// World frame: millimetres; x anterior, y left, z up (right-handed); the hip axis's midpoint is the
// origin. The patient's sagittal plane is y = 0 before scoliosis, rotation and tilt are applied.
//
//   Patient --build_anatomy--> Anatomy --build_implants--> +implants --project-->
//   PathLengthProjections
//   --expose--> Image
namespace spine::sim {

/// Attenuating material. Path lengths are stored per material, so that one projection can be
/// exposed with different spectra, densities and windows.
enum class Material {
  cortical,
  cancellous,
  soft,
  fat,
  gas,
  lung,
  titanium,
  cobalt_chrome,
  peek,
  contrast
};
inline constexpr std::size_t kMaterialCount = 10;
/// Whether a material obscures bone on a film. Polymer cages absorb like soft tissue; their marker
/// pins are metal.
constexpr bool is_metal(Material material) {
  return material == Material::titanium || material == Material::cobalt_chrome;
}

/// A bone: cortical between the outer and the inner (endosteal) surface, cancellous inside the
/// inner surface. Overlaps between parts are counted twice, so generators keep them small.
struct Bone {
  std::string name;  ///< "L1", "sacrum", "ilium_left", "femur_right", "T12", "rib_11_left", ...
  Mesh outer;
  Mesh inner;                   ///< may be empty: solid cortical
  double cortical_density = 1;  ///< relative, 1 = healthy adult
  double cancellous_density = 1;
};

/// A body-fixed frame of a vertebra, for placing implants.
struct VertebraFrame {
  cv::Vec3d center;              ///< of the body
  cv::Vec3d anterior, left, up;  ///< unit vectors
  double depth_mm = 0, width_mm = 0, height_mm = 0;
  std::array<cv::Vec3d, 2> pedicle_center;  ///< left, right
  double pedicle_height_mm = 0, pedicle_width_mm = 0;
};

/// Mid-sagittal landmark points in the world frame (defined in stages/README.md, "Landmarks").
struct VertebraTruth {
  cv::Vec3d sup_post, sup_ant, inf_post, inf_ant;
};
/// A femoral head in the world frame.
struct HeadTruth {
  cv::Vec3d center;
  double radius_mm = 0;
};

/// A posed patient's bones with exact truth.
struct Anatomy {
  std::vector<Bone> bones;
  std::array<Mesh, kLumbarCount> bodies;  ///< L1–L5: body only, for the masks
  Mesh sacral_bodies;                     ///< S1–S5 bodies only, for the mask
  std::array<VertebraTruth, kLumbarCount> vertebrae;
  cv::Vec3d s1_post, s1_ant;
  std::array<HeadTruth, 2> heads;                      ///< left, right
  std::array<VertebraFrame, kLumbarCount + 1> frames;  ///< L1 ... L5, S1
  cv::Vec3d thorax_top;  ///< centre of the highest modelled vertebra; the film ends below it
};

/// A metal or polymer part.
struct ImplantPart {
  std::string name;  ///< "screw_L4_left", "rod_left", "cage_L4_L5", "hip_prosthesis_right"
  Mesh mesh;
  Material material = Material::titanium;
};
/// The implants of a patient.
struct Implants {
  std::vector<ImplantPart> parts;
  /// Prosthetic heads that replace the anatomical ones in the truth (left, right).
  std::array<std::optional<HeadTruth>, 2> prosthetic_heads;
  std::vector<std::string> removed_bones;  ///< names of bones replaced by a prosthesis, or ""
};

/// Per-pixel path lengths and truth of one projection, at one resolution.
struct PathLengthProjections {
  std::array<cv::Mat, kMaterialCount> length_mm;  ///< CV_32FC1, or empty where there is none
  /// CV_8UC1, bit i set where structure i is projected (truth masks, overlapping).
  cv::Mat structures;
  Landmarks landmarks;       ///< projected truth, in this resolution's pixels
  cv::Mat implant;           ///< silhouette of metal implants, CV_8UC1 0/255, or empty
  double pixel_mm = 0;       ///< detector pixel pitch of these maps
  double magnification = 1;  ///< at the mid-sagittal plane
};

}  // namespace spine::sim
