#include "spine/sim/sacrum_loft.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_ops.h"
#include "spine/sim/sacral_junction.h"

namespace spine::sim {
namespace {

constexpr int kSteps = 72;       ///< along the curve
constexpr int kRingPoints = 48;  ///< of a body's cross-section
constexpr double kRimMm = 0.4;   ///< rounding of the S1 rim

/// A function given at knots, linear between them.
template <std::size_t N>
double table(const std::array<double, N>& x, const std::array<double, N>& y, double at) {
  if (at <= x[0]) return y[0];
  for (std::size_t i = 1; i < N; ++i) {
    if (at <= x[i]) return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
  }
  return y[N - 1];
}

// Along the curve, 0 = S1 endplate, 1 = S5 inferior endplate. The bodies' borders lie at these:
constexpr std::array<double, 6> kBorders{0, 0.30, 0.53, 0.72, 0.87, 1.0};
// Depth and width of the bodies relative to the S1 endplate, by adult proportions:
// S1 tapers quickly, the lower bodies are flat and narrow.
constexpr std::array<double, 6> kDepth{1, 0.66, 0.50, 0.38, 0.30, 0.23};
constexpr std::array<double, 6> kWidth{1, 0.72, 0.60, 0.52, 0.46, 0.38};

/// Orthonormal frame of a cross-section and the sizes of the body in it.
struct Station {
  double t = 0;  ///< 0 ... 1 along the curve
  cv::Vec3d center, anterior, left, down;
  double half_depth = 0, half_width = 0;
};

struct Shape {
  std::array<double, 6> depth, width;
  double ridge_mm = 1;
  double lean_deg = 0;  ///< as SacralJunction::lean_deg
  bool varied = false;  ///< by a SacralJunction, which moves the endplate
};

/// Height of the fused discs' ridges: each border bulges a little forwards.
double ridge(double t) {
  double sum = 0;
  for (std::size_t i = 1; i + 1 < kBorders.size(); ++i) {
    const double d = (t - kBorders[i]) / 0.035;
    sum += std::exp(-d * d);
  }
  return sum;
}

std::vector<Station> stations(const Patient& patient, const SpinePose& pose, const Shape& shape) {
  const cv::Vec3d along(pose.sacrum_axes(0, 0), pose.sacrum_axes(1, 0), pose.sacrum_axes(2, 0));
  const cv::Vec3d left(pose.sacrum_axes(0, 1), pose.sacrum_axes(1, 1), pose.sacrum_axes(2, 1));
  const cv::Vec3d normal(pose.sacrum_axes(0, 2), pose.sacrum_axes(1, 2), pose.sacrum_axes(2, 2));
  const double s1_depth = cv::norm(pose.s1_ant - pose.s1_post);
  const double turn = patient.sacral_kyphosis * kPi / 180;
  cv::Vec3d at = (pose.s1_post + pose.s1_ant) * 0.5;
  std::vector<Station> out;
  for (int i = 0; i <= kSteps; ++i) {
    Station s;
    s.t = static_cast<double>(i) / kSteps;
    // Nearly straight through S1, most of the turn about S3.
    const double angle =
        turn * (table<6>({0, 0.3, 0.53, 0.72, 0.87, 1}, {0, 0.10, 0.32, 0.62, 0.84, 1}, s.t));
    s.anterior = std::cos(angle) * along + std::sin(angle) * normal;
    s.down = std::sin(angle) * along - std::cos(angle) * normal;
    s.left = left;
    if (i > 0) {
      const double lean = rad_from_deg(shape.lean_deg) * (1 - s.t);
      const cv::Vec3d step = (out.back().down + s.down) * 0.5;
      at +=
          (std::cos(lean) * step - std::sin(lean) * s.anterior) * (patient.sacrum_length / kSteps);
    }
    s.center = at;
    s.half_depth = 0.5 * s1_depth * table(kBorders, shape.depth, s.t);
    s.half_width = 0.5 * patient.s1_width * table(kBorders, shape.width, s.t);
    out.push_back(s);
  }
  return out;
}

cv::Vec3d place(const Station& s, double forward, double left) {
  return s.center + s.anterior * forward + s.left * left;
}

/// Kidney-like section of the body: flat behind, where the canal is, rounded in front.
Ring body_ring(const Station& s, double inset_mm, double ridge_mm) {
  Ring ring;
  for (int k = 0; k < kRingPoints; ++k) {
    const double u = 2 * kPi * k / kRingPoints;
    const double c = std::cos(u);
    const double power = c > 0 ? 0.85 : 0.45;
    const double front = std::copysign(std::pow(std::abs(c), power), c);
    const double side = std::copysign(std::pow(std::abs(std::sin(u)), 0.8), std::sin(u));
    const double bulge = c > 0 ? ridge_mm * ridge(s.t) * c : 0;
    ring.push_back(
        place(s, (s.half_depth - inset_mm) * front + bulge, (s.half_width - inset_mm) * side));
  }
  return ring;
}

/// Rings of the endplate inside its rim, which a domed one needs.
std::vector<Ring> endplate_rings(const Ring& rim) {
  cv::Vec3d center(0, 0, 0);
  for (const auto& p : rim) center += p / static_cast<double>(rim.size());
  std::vector<Ring> rings;
  for (const double share : {0.15, 0.35, 0.55, 0.7, 0.82, 0.92}) {
    Ring ring;
    for (const auto& p : rim) ring.push_back(center + share * (p - center));
    rings.push_back(ring);
  }
  return rings;
}

Mesh loft_bodies(const std::vector<Station>& line, const Shape& shape) {
  std::vector<Ring> rings;
  if (shape.varied) rings = endplate_rings(body_ring(line[0], kRimMm, 0));
  rings.push_back(body_ring(line[0], kRimMm, 0));
  Station below = line[0];
  below.center += below.down * kRimMm;
  rings.push_back(body_ring(below, 0, 0));
  for (std::size_t i = 1; i < line.size(); ++i) {
    rings.push_back(body_ring(line[i], i + 1 == line.size() ? 1.0 : 0.0, shape.ridge_mm));
  }
  Mesh mesh = loft(rings);
  // The endplate is concave: the centre of its fan lies below the rim.
  if (!shape.varied) mesh.vertices[mesh.vertices.size() - 2] += cv::Vec3f(line[0].down * 1.5);
  return mesh;
}

/// Half of an axial section, from the front midline over the ala to the crest, (forward, left) mm.
std::vector<cv::Vec2d> half_section(const Station& s, double canal_mm, double s1_width) {
  const double d = s.half_depth;
  const double w = s.half_width;
  // The ala grows below the endplate's rim and vanishes towards S4.
  const double ala =
      table<6>({0, 0.04, 0.12, 0.24, 0.62, 1}, {0, 0.10, 0.55, 0.95, 0.40, 0.08}, s.t);
  const double reach = w + ala * 0.72 * s1_width * table<3>({0, 0.5, 1}, {1, 0.8, 0.5}, s.t);
  const double back = -d - canal_mm;  // front of the dorsal wall
  const double arch = table<4>({0, 0.06, 0.20, 1}, {0, 0.12, 1, 1}, s.t);
  const double wall = arch * table<3>({0, 0.6, 1}, {6, 4, 2}, s.t);
  const double crest = arch * table<4>({0, 0.2, 0.7, 1}, {4, 9, 5, 1}, s.t);
  const double rear = -d + arch * (back + d) - 0.05;
  return {{d, 0},
          {0.93 * d, 0.45 * w},
          {0.55 * d, 0.85 * w},
          {0.25 * d, w},
          {0.05 * d, w + 0.35 * (reach - w)},
          {-0.35 * d, w + 0.8 * (reach - w)},
          {-0.8 * d, reach},
          {0.5 * (-d + rear) - 0.1 * d, 0.98 * reach},
          {rear - 0.4 * wall, 0.5 * (reach + w)},
          {rear - 0.8 * wall, 0.75 * w},
          {rear - wall, 0.4 * w},
          {rear - wall - 0.2 * crest, 0.18 * w},
          {rear - wall - crest, 0.05 * w},
          {rear - wall - crest, 0}};
}

Ring outer_ring(const Station& s, double canal_mm, double s1_width, double ridge_mm) {
  const auto half = half_section(s, canal_mm, s1_width);
  Ring ring;
  for (std::size_t i = 0; i < half.size(); ++i) {
    const double bulge = i < 3 ? ridge_mm * ridge(s.t) : 0;
    ring.push_back(place(s, half[i][0] + bulge, half[i][1]));
  }
  for (std::size_t i = half.size() - 2; i > 0; --i) {
    const double bulge = i < 3 ? ridge_mm * ridge(s.t) : 0;
    ring.push_back(place(s, half[i][0] + bulge, -half[i][1]));
  }
  return ring;
}

double canal_depth(double t) { return table<3>({0, 0.5, 1}, {14, 8, 3}, t); }

/// The sacral canal, a hollow inside the outer surface that narrows to both ends.
Mesh loft_canal(const std::vector<Station>& line) {
  constexpr double kTop = 0.04;
  constexpr double kBottom = 0.9;
  std::vector<Ring> rings;
  for (const Station& s : line) {
    if (s.t < kTop || s.t > kBottom) continue;
    const double depth = canal_depth(s.t);
    const double open = std::min(smoothstep(kTop - 0.01, 0.2, s.t), smoothstep(kBottom, 0.7, s.t));
    const double half = std::max(0.2, open * (depth / 2 - 1));
    Ring ring;
    for (int k = 0; k < 20; ++k) {
      const double u = 2 * kPi * k / 20;
      ring.push_back(place(s, -s.half_depth - depth / 2 - 0.8 + half * std::cos(u),
                           open * 0.62 * s.half_width * std::sin(u)));
    }
    rings.push_back(ring);
  }
  Mesh canal = loft(rings);
  flip_faces(canal);
  return canal;
}

const Station& station_at(const std::vector<Station>& line, double t) {
  return line[static_cast<std::size_t>(std::lround(t * kSteps))];
}

/// The foramina beside the bodies' borders: hollows, as the canal.
Mesh make_foramina(const std::vector<Station>& line, Rng& rng) {
  Mesh out;
  for (std::size_t i = 1; i + 1 < kBorders.size(); ++i) {
    const Station& s = station_at(line, kBorders[i] + 0.02);
    const double radius = (i < 3 ? 4.2 : 2.6) * rng.uniform(0.85, 1.1);
    for (const double side : {1.0, -1.0}) {
      const double left = side * (0.8 * s.half_width + radius);
      append(out, sphere(place(s, -0.75 * s.half_depth - 1, left), radius, 10, 14));
    }
  }
  flip_faces(out);
  return out;
}

/// A slice of the bodies across the curve. @param from,to  of the curve, mm from `s`
Mesh slice(const Station& s, double from, double to, double reach) {
  std::vector<Ring> rings;
  for (const double at : {from, to}) {
    Station plate = s;
    plate.center += s.down * at;
    plate.half_depth *= reach;
    plate.half_width *= reach;
    rings.push_back(body_ring(plate, 0, 0));
  }
  return loft(rings);
}

/// A disc between S1 and S2: a hollow of the outer surface, and a larger one of the inner, so that
/// plates of dense bone remain.
void add_first_disc(const std::vector<Station>& line, const SacralJunction& junction, Rng& rng,
                    Mesh& outer, Mesh& inner) {
  const Station& s = station_at(line, kBorders[1]);
  const double half = junction.remnant_mm / 2, plate = rng.uniform(0.3, 0.9);
  Mesh disc = slice(s, -half, half, junction.remnant_reach);
  Mesh around = slice(s, -half - plate, half + plate, std::min(1.0, junction.remnant_reach + 0.03));
  flip_faces(disc);
  flip_faces(around);
  append(outer, disc);
  append(inner, around);
}

/// Disc remnants: thin plates of dense bone across the bodies, from border `first` on.
Mesh make_scars(const std::vector<Station>& line, std::size_t first, Rng& rng) {
  Mesh out;
  for (std::size_t i = first; i + 1 < kBorders.size(); ++i) {
    const Station& s = station_at(line, kBorders[i]);
    const double reach = rng.uniform(0.65, 0.9);
    const double gap = rng.uniform(0.8, 2.2);  // upper and lower plate
    for (const double at : {-gap, gap}) {
      const double half_thickness = rng.uniform(0.15, 0.5) * (i == 1 ? 1.2 : 0.7);
      append(out, slice(s, at - half_thickness, at + half_thickness, reach));
    }
  }
  return out;
}

/// Superior articular processes of S1, that face those of L5.
Mesh make_processes(const std::vector<Station>& line, double s1_width, double inset_mm) {
  Mesh out;
  const Station& s = station_at(line, 0.12);
  const Station& top = line.front();
  for (const double side : {1.0, -1.0}) {
    Tube form;
    const double left = side * 0.40 * s1_width;
    form.nodes = {{place(s, -s.half_depth - 9, left), 6.5, 4.5},
                  {place(top, -top.half_depth - 10, 1.02 * left), 6.5, 4.2},
                  {place(top, -top.half_depth - 10, 1.08 * left) - top.down * 8, 5.5, 3.5}};
    form.side = top.left * 0.8 + top.anterior * (0.6 * side);
    append(out, tube(form, inset_mm));
  }
  return out;
}

Mesh loft_coccyx(const Station& end, Rng& rng) {
  Mesh coccyx;
  cv::Vec3d at = end.center;
  double angle = rng.normal_within(20, 15, -15, 60) * kPi / 180;
  double size = 1;
  for (int piece = 0; piece < 3; ++piece) {
    const cv::Vec3d down = std::cos(angle) * end.down + std::sin(angle) * end.anterior;
    const cv::Vec3d anterior = std::cos(angle) * end.anterior - std::sin(angle) * end.down;
    const double length = 12 * size;
    at += down * 2.0;
    std::vector<Ring> rings;
    for (int i = 0; i <= 8; ++i) {
      const double t = i / 8.0;
      const double r =
          size * (4.2 - 1.2 * std::sin(kPi * t)) * std::sqrt(std::sin(kPi * (0.06 + 0.88 * t)));
      Ring ring;
      for (int k = 0; k < 16; ++k) {
        const double u = 2 * kPi * k / 16;
        ring.push_back(at + down * (t * length) + anterior * (r * std::cos(u)) +
                       end.left * (1.8 * r * std::sin(u)));
      }
      rings.push_back(ring);
    }
    append(coccyx, loft(rings));
    at += down * length;
    angle += rng.normal_within(15, 10, -5, 40) * kPi / 180;
    size *= 0.75;
  }
  return coccyx;
}

}  // namespace

LoftedSacrum loft_sacrum(const Patient& patient, const SpinePose& pose, Rng rng) {
  Shape shape{kDepth, kWidth, rng.uniform(0.3, 1.2)};
  for (std::size_t i = 1; i < shape.depth.size(); ++i) {
    shape.depth[i] *= 1 + rng.normal_within(0, 0.06, -0.15, 0.15);
    shape.width[i] *= 1 + rng.normal_within(0, 0.06, -0.15, 0.15);
  }
  if (patient.junction) {
    shape.varied = true;
    shape.lean_deg = patient.junction->lean_deg;
    shape.depth[1] = patient.junction->taper;
  }
  const auto line = stations(patient, pose, shape);

  LoftedSacrum out;
  out.bodies = loft_bodies(line, shape);
  std::vector<Ring> rings;
  if (shape.varied) {
    rings = endplate_rings(outer_ring(line[0], canal_depth(0), patient.s1_width, shape.ridge_mm));
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const Station& s = line[i];
    rings.push_back(outer_ring(s, canal_depth(s.t), patient.s1_width, shape.ridge_mm));
  }
  Mesh outer = loft(rings);
  if (!shape.varied) outer.vertices[outer.vertices.size() - 2] += cv::Vec3f(line[0].down * 1.5);
  append(outer, loft_canal(line));
  append(outer, make_foramina(line, rng));
  const double cortex = rng.uniform(0.7, 1.1) * patient.cortical_thickness;
  out.inner =
      offset_inward(outer, std::vector<float>(outer.vertices.size(), static_cast<float>(cortex)));
  // Dense plates are gaps of the inner surface.
  if (patient.junction) add_first_disc(line, *patient.junction, rng, outer, out.inner);
  Mesh scars = make_scars(line, patient.junction ? 2 : 1, rng);
  flip_faces(scars);
  append(out.inner, scars);
  append(outer, make_processes(line, patient.s1_width, 0));
  append(out.inner, make_processes(line, patient.s1_width, cortex));
  out.outer = std::move(outer);
  for (Mesh* mesh : {&out.outer, &out.inner, &out.bodies}) shape_junction(patient, pose, *mesh);
  out.coccyx = loft_coccyx(line.back(), rng);
  out.end = line.back().center;
  out.inferior_angle_deg = patient.sacral_kyphosis;
  return out;
}

}  // namespace spine::sim
