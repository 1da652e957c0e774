#pragma once
#include <array>
#include <optional>

#include <opencv2/core.hpp>

#include "spine/core/structure.h"
#include "spine/sim/rng.h"
#include "spine/sim/scene.h"

namespace spine::sim {

/// Shape of one vertebral body and of the disc below it. Index 0..4 = L1..L5; T12, T11, T10 follow
/// as 5, 6, 7. Millimetres and degrees.
struct LevelShape {
  double depth_sup = 34, depth_inf = 35;     ///< anterior–posterior, endplate to endplate corner
  double width_sup = 44, width_inf = 47;     ///< left–right
  double height_ant = 28, height_post = 28;  ///< corner to corner; compression lowers height_ant
  double waist = 0.08;  ///< inset of the walls at mid height, fraction of depth
  /// Depth of the endplate concavity at its centre.
  double concavity_sup = 1.5, concavity_inf = 2.0;
  std::array<double, 4> osteophyte{};  ///< length at sup_post, sup_ant, inf_post, inf_ant; 0 = none
  /// Of the disc below: midpoint to midpoint of the endplates, along the bisector of the disc.
  double disc_height = 9;
  double disc_angle = 8;  ///< of the disc below, lordosis positive
  double slip = 0;        ///< inf_post anterior to the lower sup_post, along the lower endplate
  double lateral_tilt = 0, axial_rotation = 0;  ///< scoliosis: about the anterior and the up axis
};
/// Number of modelled vertebrae: L1..L5, T12, T11, T10.
inline constexpr std::size_t kLevelCount = 8;
inline constexpr std::array<const char*, kLevelCount> kLevelNames{"L1", "L2",  "L3",  "L4",
                                                                  "L5", "T12", "T11", "T10"};
/// The levels from the sacrum up: L5 ... L1, T12, T11, T10.
inline constexpr std::array<std::size_t, kLevelCount> kLevelsUpwards{4, 3, 2, 1, 0, 5, 6, 7};

/// Shape of the sacrum at the lumbosacral junction, where it differs from the anatomy's mean.
struct SacralJunction {
  /// Of the axis of S1 against the normal of its endplate, degrees; positive: S2 lies behind. The
  /// posterior wall's angle with the endplate (sacral table angle) is about 80 degrees plus this.
  double lean_deg = 12;
  double taper = 0.66;  ///< depth at the S1-S2 border, relative to the endplate: 0.9 is square
  double dome_mm = 0;   ///< convexity of the endplate; negative: concave
  /// Depth and height of the promontory's rounding: the anterior end of the endplate is lower.
  double promontory_mm = 0;
  double posterior_mm = 0;     ///< the same of the posterior end
  double remnant_mm = 1.5;     ///< height of the S1-S2 disc
  double remnant_reach = 0.8;  ///< depth of the S1-S2 disc, relative to the body
  double ala_lift_mm = 0;      ///< of the lateral end of the alae, cranially
};

/// A sampled patient. PI = PT + SS holds; so does LL = sum of the segmental angles.
struct Patient {
  double pi = 52, pt = 13, ss = 39, ll = 52;  ///< degrees
  double pelvic_radius = 124;                 ///< hip axis to the middle of the S1 endplate, mm
  std::array<LevelShape, kLevelCount> levels;
  double s1_depth = 34, s1_width = 50;
  double sacral_kyphosis = 60;                     ///< S1 superior to S5 inferior endplate, degrees
  double sacrum_length = 105;                      ///< along the S1–S5 curve
  double head_radius = 24, head_separation = 170;  ///< mm; separation of the hip centres
  bool female = true;
  double body_mass_index = 26;
  double age = 55;
  double bone_density = 1;        ///< cancellous, relative; osteoporosis lowers it
  double cortical_thickness = 1;  ///< relative
  /// Vertebrae between the sacrum and the lowest one with ribs: 4, 5 or 6. Levels are labelled from
  /// the sacrum up, so that with four L1 has ribs, and with six T12 has none.
  int lumbar_bodies = 5;
  std::optional<SacralJunction> junction;  ///< nullopt: as the anatomy source has it
};

/// Options of sample_patient().
struct PatientOptions {
  /// Scales the probability of fractures, slips, osteophytes, degenerate discs and scoliosis.
  double pathology = 1.0;
  int lumbar_bodies = 5;  ///< of every patient: 4, 5 or 6
  /// Fraction of patients with a varied lumbosacral junction, 0 to 1: discs of any angle, collapsed
  /// ones, trapezoid L5, forward slips up to grade IV, retrolisthesis, and a SacralJunction.
  double junction_share = 0;
};

/// Draws a patient: PI, PT, SS, LL jointly from the published groups (UCI "Vertebral Column",
/// 310 patients, CC BY 4.0: normal, disc hernia, spondylolisthesis), shapes around adult means.
Patient sample_patient(Rng rng, const PatientOptions& options = {});

/// The level whose shape level `i` has: itself, but from L1 up the one below it with six lumbar
/// vertebrae, and the one above it with four.
std::size_t form_of_level(const Patient& patient, std::size_t i);

/// The position of a rib (12 is the lowest) in kLevelsUpwards; kLevelCount or more: above T10.
std::size_t rib_place(const Patient& patient, int rib);

/// The sagittal contour of a vertebral body from its four corner distances: the quadrilateral whose
/// endplate midpoints lie on the normal of the bisector.
struct BodyQuad {
  /// Superior to inferior endplate, positive if the anterior height is larger.
  double wedge_rad = 0;
  double mid_height = 0;  ///< between the endplates' midpoints, mm
};
/// Computes the quadrilateral of a body.
BodyQuad body_quad(const LevelShape& shape);

/// Pose of a level. Its local frame: origin at the centre of the body, columns of `axes` are
/// anterior, left, up.
struct LevelPose {
  cv::Vec3d center;
  cv::Matx33d axes = cv::Matx33d::eye();
  VertebraTruth corners;  ///< in the world frame, exactly the corners of the meshes
};

/// The posed skeleton of a patient in the world frame of scene.h.
struct SpinePose {
  std::array<LevelPose, kLevelCount> levels;  ///< L1..L5, T12, T11, T10
  cv::Vec3d s1_post, s1_ant;                  ///< ends of the S1 endplate
  /// Columns: along the endplate P->A, left, endplate normal (cranial).
  cv::Matx33d sacrum_axes = cv::Matx33d::eye();
  std::array<HeadTruth, 2> heads;  ///< left, right
};

/// Stacks the pelvis, S1, L5 ... T10 so that the mid-sagittal projection has exactly the patient's
/// PI, PT, SS, LL, corner distances and disc angles.
SpinePose pose_spine(const Patient& patient);

}  // namespace spine::sim
