#include "spine/sim/hip_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>

#include "spine/sim/mesh_build.h"

namespace spine::sim {

namespace {

// The left hip bone in the lateral view, hip centre at the origin, x anterior, z up, mm; standing
// with the anterior pelvic plane upright. Drawn for this project after the usual bony landmarks.
constexpr std::array<LateralPoint, 31> kHipOutline{{
    {49, 74},   {47, 88},   {34, 106},  {10, 126},  {-25, 138}, {-60, 130}, {-86, 114}, {-100, 96},
    {-99, 82},  {-93, 66},  {-84, 54},  {-68, 50},  {-57, 42},  {-50, 28},  {-46, 12},  {-48, -8},
    {-42, -15}, {-42, -28}, {-48, -42}, {-45, -62}, {-32, -80}, {-12, -80}, {10, -72},  {30, -62},
    {42, -52},  {53, -32},  {57, -14},  {44, -3},   {32, 14},   {35, 36},   {38, 52},
}};
constexpr std::array<LateralPoint, 8> kObturatorForamen{
    {{2, -32}, {14, -28}, {28, -26}, {34, -33}, {27, -46}, {10, -56}, {-6, -58}, {-9, -44}}};

// Position and thickness of the sheet, for hip centres kDrawnSeparationMm apart, drawn by
// eye as the outline.
constexpr std::array<SheetPoint, 33> kHipSheet{{
    {49, 75, 116, 9},   {46, 92, 121, 9},    {12, 124, 127, 11}, {-28, 136, 122, 12},
    {-68, 124, 84, 12}, {-98, 96, 44, 14},   {-92, 68, 40, 14},  {38, 42, 98, 13},
    {5, 85, 113, 4.5},  {-30, 95, 100, 4.5}, {25, 100, 120, 6},  {-62, 84, 60, 13},
    {-78, 98, 56, 14},  {-58, 56, 54, 15},   {-30, 55, 68, 15},  {0, 52, 78, 18},
    {0, 32, 66, 25},    {26, 20, 68, 22},    {-25, 22, 62, 28},  {0, 0, 57, 34},
    {-28, -8, 60, 28},  {25, -10, 54, 20},   {-46, -6, 50, 9},   {-10, -30, 62, 22},
    {-42, -45, 60, 22}, {-30, -70, 56, 20},  {-5, -72, 48, 12},  {20, -62, 28, 9},
    {40, -50, 10, 10},  {52, -30, 3, 13},    {55, -14, 5, 13},   {42, -6, 28, 14},
    {30, 10, 56, 17},
}};

std::vector<LateralPoint> curve(std::span<const LateralPoint> points, double step) {
  std::vector<cv::Vec3d> p;
  for (const LateralPoint& q : points) p.emplace_back(q.x, 0, q.z);
  std::vector<LateralPoint> out;
  for (const cv::Vec3d& q : smooth_curve(p, step, true)) out.push_back({q[0], q[2]});
  return out;
}

/// Distance to a closed polygon, positive inside.
double inside_distance(const std::vector<LateralPoint>& polygon, LateralPoint p) {
  double best = 1e30;
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const LateralPoint a = polygon[j], b = polygon[i];
    const double dx = b.x - a.x, dz = b.z - a.z, px = p.x - a.x, pz = p.z - a.z;
    const double t = std::clamp((px * dx + pz * dz) / (dx * dx + dz * dz), 0.0, 1.0);
    const double ex = px - t * dx, ez = pz - t * dz;
    best = std::min(best, ex * ex + ez * ez);
    if ((a.z > p.z) != (b.z > p.z) && p.x < a.x + (p.z - a.z) * dx / dz) inside = !inside;
  }
  return inside ? std::sqrt(best) : -std::sqrt(best);
}

/// Closes the two surfaces over the grid cells where `keep` (its zero set is the border) is
/// positive.
class SheetMesher {
 public:
  /// @param wall  0: the bone's surface; else the endosteal surface that far inside
  SheetMesher(const HipSheet& sheet, const HipGrid& grid, double wall)
      : sheet_(sheet), grid_(grid), wall_(wall) {
    const std::size_t n = grid.points.size();
    value_.resize(n);
    medial_.resize(n);
    lateral_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const SheetSample& s = grid.samples[i];
      double m = s.medial + wall * slope(i), l = s.lateral - wall * slope(i);
      const double limit = sheet.socket(grid.points[i], 0);
      if (limit < 1e8) {
        m = std::min(m, limit - 1.5 + wall * 1.4);
        l = std::min(l, sheet.socket(grid.points[i], wall) - 0.0);
      }
      medial_[i] = m;
      lateral_[i] = l;
      value_[i] = wall > 0 ? std::min(s.edge - wall, 0.5 * (l - m)) : s.edge;
      if (std::abs(value_[i]) < 0.02) value_[i] = 0.02;
    }
  }

  Mesh mesh() {
    for (int j = 0; j + 1 < grid_.rows; ++j) {
      for (int i = 0; i + 1 < grid_.columns; ++i) {
        const std::uint32_t a = index(i, j), b = index(i + 1, j), c = index(i, j + 1),
                            d = index(i + 1, j + 1);
        triangle(a, b, d);
        triangle(a, d, c);
      }
    }
    orient_outward(mesh_);
    return std::move(mesh_);
  }

 private:
  struct Pair {
    std::uint32_t medial, lateral;
  };
  [[nodiscard]] std::uint32_t index(int i, int j) const {
    return static_cast<std::uint32_t>(j * grid_.columns + i);
  }
  /// Length along y of a millimetre across the sheet.
  [[nodiscard]] double slope(std::size_t i) const {
    const int x = static_cast<int>(i) % grid_.columns, z = static_cast<int>(i) / grid_.columns;
    if (x == 0 || z == 0 || x + 1 == grid_.columns || z + 1 == grid_.rows) return 1;
    const auto mid = [&](std::size_t k) {
      return 0.5 * (grid_.samples[k].medial + grid_.samples[k].lateral);
    };
    const auto columns = static_cast<std::size_t>(grid_.columns);
    for (const std::size_t k : {i - 1, i + 1, i - columns, i + columns}) {
      if (grid_.samples[k].lateral <= 0) return 1;
    }
    const double gx = (mid(i + 1) - mid(i - 1)) / 5.2,
                 gz = (mid(i + columns) - mid(i - columns)) / 5.2;
    return std::min(2.5, std::sqrt(1 + gx * gx + gz * gz));
  }

  Pair corner(std::uint32_t i) {
    const auto found = corners_.find(i);
    if (found != corners_.end()) return found->second;
    const LateralPoint p = grid_.points[i];
    const auto n = static_cast<std::uint32_t>(mesh_.vertices.size());
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, medial_[i], p.z));
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, std::max(lateral_[i], medial_[i]), p.z));
    return corners_[i] = {n, n + 1};
  }
  /// The border point on a grid edge; both surfaces meet there.
  Pair border(std::uint32_t in, std::uint32_t out) {
    const std::uint64_t key =
        (static_cast<std::uint64_t>(std::min(in, out)) << 32) | std::max(in, out);
    const auto found = borders_.find(key);
    if (found != borders_.end()) return found->second;
    const double t = value_[in] / (value_[in] - value_[out]);
    const LateralPoint a = grid_.points[in], b = grid_.points[out];
    const LateralPoint p{a.x + t * (b.x - a.x), a.z + t * (b.z - a.z)};
    double y = 0.5 * (medial_[in] + lateral_[in]);
    const double outer_y = 0.5 * (medial_[out] + lateral_[out]);
    if (grid_.samples[out].lateral > 0) y += t * (outer_y - y);
    const auto n = static_cast<std::uint32_t>(mesh_.vertices.size());
    mesh_.vertices.emplace_back(cv::Vec3d(p.x, y, p.z));
    return borders_[key] = {n, n};
  }
  void face(Pair a, Pair b, Pair c) {
    mesh_.faces.push_back({a.medial, b.medial, c.medial});
    mesh_.faces.push_back({a.lateral, c.lateral, b.lateral});
  }
  void triangle(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    std::array<std::uint32_t, 3> v{a, b, c};
    const auto in = [&](std::uint32_t i) { return value_[i] > 0; };
    const int count = in(a) + in(b) + in(c);
    if (count == 0) return;
    if (count == 3) {
      face(corner(a), corner(b), corner(c));
      return;
    }
    // Turn the odd one out to the front.
    while (in(v[0]) != (count == 1) || in(v[1]) == (count == 1)) {
      std::rotate(v.begin(), v.begin() + 1, v.end());
    }
    if (count == 1) {
      face(corner(v[0]), border(v[0], v[1]), border(v[0], v[2]));
    } else {
      const Pair p = border(v[1], v[0]), q = border(v[2], v[0]);
      face(p, corner(v[1]), corner(v[2]));
      face(p, corner(v[2]), q);
    }
  }

  const HipSheet& sheet_;
  const HipGrid& grid_;
  double wall_;
  std::vector<double> value_, medial_, lateral_;
  Mesh mesh_;
  std::unordered_map<std::uint32_t, Pair> corners_;
  std::unordered_map<std::uint64_t, Pair> borders_;
};

}  // namespace

HipSheet::HipSheet(const Patient& patient, Rng rng)
    : separation_(patient.head_separation),
      socket_(patient.head_radius + 3.2),
      points_(kHipSheet.begin(), kHipSheet.end()) {
  auto outline = kHipOutline;
  for (auto& q : outline) {
    q.x += rng.normal(0, 1.3);
    q.z += rng.normal(0, 1.3);
  }
  auto hole = kObturatorForamen;
  const double hx = rng.normal(0, 1.5), hz = rng.normal(0, 1.5);
  for (auto& q : hole) {
    q.x += hx + rng.normal(0, 0.7);
    q.z += hz + rng.normal(0, 0.7);
  }
  outline_ = curve(outline, 5);
  hole_ = curve(hole, 5);
  for (auto& q : points_) {
    q.medial += rng.normal(0, 1.2);
    q.thickness *= rng.normal_within(1, 0.08, 0.8, 1.2);
  }
  flare_ = rng.normal_within(1, 0.06, 0.88, 1.12);
}

double HipSheet::edge(LateralPoint p) const {
  return std::min(inside_distance(outline_, p), -inside_distance(hole_, p));
}

SheetSample HipSheet::sample(LateralPoint p, double edge_mm) const {
  constexpr double kReachMm = 13;  // of a control point
  double sum = 0, medial = 0, thickness = 0;
  for (const SheetPoint& q : points_) {
    const double dx = p.x - q.x, dz = p.z - q.z;
    const double w =
        std::exp(-(dx * dx + dz * dz) / (2 * kReachMm * kReachMm)) + 1e-9 / (1 + dx * dx + dz * dz);
    sum += w;
    medial += w * q.medial;
    thickness += w * q.thickness;
  }
  medial *= separation_ / kDrawnSeparationMm / sum;
  thickness /= sum;
  medial += (flare_ - 1) * 60 * smoothstep(30, 130, p.z) * smoothstep(-80, 0, p.x);
  const double reach = std::min(0.8 * thickness, 10.0);
  const double r = 1 - std::clamp(edge_mm / reach, 0.0, 1.0);
  const double half = 0.5 * thickness * std::sqrt(std::max(0.0, 1 - r * r));
  return {edge_mm, medial + 0.5 * thickness - half, medial + 0.5 * thickness + half};
}

double HipSheet::socket(LateralPoint p, double wall_mm) const {
  const double r2 = p.x * p.x + p.z * p.z, radius = socket_ + wall_mm;
  return r2 >= radius * radius ? 1e9 : 0.5 * separation_ - std::sqrt(radius * radius - r2);
}

HipGrid sample_grid(const HipSheet& sheet) {
  constexpr double kStep = 2.6, kLeft = -110, kRight = 64, kBottom = -90, kTop = 146;
  HipGrid grid;
  grid.columns = static_cast<int>((kRight - kLeft) / kStep) + 1;
  grid.rows = static_cast<int>((kTop - kBottom) / kStep) + 1;
  for (int j = 0; j < grid.rows; ++j) {
    for (int i = 0; i < grid.columns; ++i) {
      LateralPoint p{kLeft + i * kStep, kBottom + j * kStep};
      const double r = std::sqrt(p.x * p.x + p.z * p.z), rim = sheet.socket_radius() - 0.05;
      if (r > 0 && std::abs(r - rim) < 0.5 * kStep) p = {p.x * rim / r, p.z * rim / r};
      grid.points.push_back(p);
      const double edge = sheet.edge(p);
      grid.samples.push_back(edge > -2 * kStep ? sheet.sample(p, edge) : SheetSample{edge, 0, 0});
    }
  }
  return grid;
}

Mesh mesh_sheet(const HipSheet& sheet, const HipGrid& grid, double wall_mm) {
  return SheetMesher(sheet, grid, wall_mm).mesh();
}

}  // namespace spine::sim
