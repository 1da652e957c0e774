#pragma once
#include <array>
#include <vector>

#include "spine/sim/mesh.h"
#include "spine/sim/patient.h"
#include "spine/sim/rng.h"

// The hip bone as a sheet over the lateral view.
namespace spine::sim {

/// A point of the lateral view: hip centre at the origin, x anterior, z up, mm.
struct LateralPoint {
  double x = 0, z = 0;
};

/// Distance of the hip centres in the drawn pelvis, mm.
inline constexpr double kDrawnSeparationMm = 178;

/// A sample of the sheet: distance to the outline (positive inside) and y of the two surfaces, mm.
struct SheetSample {
  double edge = 0, medial = 0, lateral = 0;
};

/// A control point of the sheet: place in the lateral view, distance of the medial surface from the
/// mid-sagittal plane, and thickness along y, mm.
struct SheetPoint {
  double x, z, medial, thickness;
};

/// The left hip bone as two surfaces over the lateral view.
class HipSheet {
 public:
  /// The drawn bone with random variation of outline, position and thickness.
  HipSheet(const Patient& patient, Rng rng);

  /// Distance to the nearer of outline and obturator foramen, mm; positive in the bone.
  [[nodiscard]] double edge(LateralPoint p) const;
  /// Both surfaces at `p`, rounded towards the edge.
  /// @param edge_mm  as edge(p)
  [[nodiscard]] SheetSample sample(LateralPoint p, double edge_mm) const;
  /// y of the acetabulum's wall at `p`, mm: the lateral surface cannot lie farther out. 1e9 outside
  /// the acetabulum.
  /// @param wall_mm  how far inside the bone
  [[nodiscard]] double socket(LateralPoint p, double wall_mm) const;
  /// Radius of the acetabulum, mm.
  [[nodiscard]] double socket_radius() const { return socket_; }
  /// Border of the bone, and of the obturator foramen.
  [[nodiscard]] const std::vector<LateralPoint>& outline() const { return outline_; }
  [[nodiscard]] const std::vector<LateralPoint>& hole() const { return hole_; }

 private:
  double separation_, socket_, flare_ = 1;
  std::vector<LateralPoint> outline_, hole_;
  std::vector<SheetPoint> points_;
};

/// A regular grid over the sheet, with points near the socket's rim moved onto it.
struct HipGrid {
  int columns = 0, rows = 0;
  std::vector<LateralPoint> points;
  std::vector<SheetSample> samples;
};

/// Samples the sheet; points near the socket's rim are moved onto it.
HipGrid sample_grid(const HipSheet& sheet);

/// A closed mesh of the bone between both surfaces, hip centre at (0, y, 0), y left.
/// @param wall_mm  0: the bone's surface; else the endosteal surface that far inside
Mesh mesh_sheet(const HipSheet& sheet, const HipGrid& grid, double wall_mm);

}  // namespace spine::sim
