#include "spine/sim/mesh_build.h"

#include <algorithm>
#include <cmath>

#include "spine/core/geometry.h"

namespace spine::sim {

namespace {

cv::Vec3d perpendicular(const cv::Vec3d& v, const cv::Vec3d& to) {
  const cv::Vec3d p = v - v.dot(to) * to;
  const double n = cv::norm(p);
  if (n > 1e-6) return p / n;
  return perpendicular(std::abs(to[0]) < 0.9 ? cv::Vec3d(1, 0, 0) : cv::Vec3d(0, 0, 1), to);
}

/// Drawn in sequence: the evaluation order of arguments depends on the compiler.
cv::Vec3d normal_vector(Rng& rng) {
  cv::Vec3d v;
  for (int i = 0; i < 3; ++i) v[i] = rng.normal();
  return v;
}

template <typename T>
T catmull_rom(const T& a, const T& b, const T& c, const T& d, double t) {
  const double t2 = t * t, t3 = t2 * t;
  return 0.5 * ((2.0 * b) + t * (c - a) + t2 * (2.0 * a - 5.0 * b + 4.0 * c - d) +
                t3 * (3.0 * b - 3.0 * c + d - a));
}

/// Nodes of a tube, resampled along its path: position, half_side, half_other.
std::vector<cv::Vec<double, 5>> resample(const Tube& tube) {
  using Row = cv::Vec<double, 5>;
  std::vector<Row> rows;
  for (const TubeNode& n : tube.nodes) {
    rows.emplace_back(n.center[0], n.center[1], n.center[2], n.half_side, n.half_other);
  }
  std::vector<Row> fine;
  const int count = static_cast<int>(rows.size());
  const auto at = [&](int i) {
    return rows[static_cast<std::size_t>(std::clamp(i, 0, count - 1))];
  };
  for (int i = 0; i + 1 < count; ++i) {
    const Row b = at(i), c = at(i + 1);
    const double length = cv::norm(cv::Vec3d(c[0] - b[0], c[1] - b[1], c[2] - b[2]));
    const int steps = std::max(1, static_cast<int>(std::lround(length / tube.step_mm)));
    const Row before = i == 0 ? b + (b - c) : at(i - 1);
    const Row after = i + 2 == count ? c + (c - b) : at(i + 2);
    for (int k = 0; k < steps; ++k) {
      fine.push_back(catmull_rom(before, b, c, after, static_cast<double>(k) / steps));
    }
  }
  fine.push_back(rows.back());
  return fine;
}

Ring superellipse(const cv::Vec3d& center, const cv::Vec3d& side, const cv::Vec3d& other,
                  double half_side, double half_other, double exponent, int segments) {
  Ring ring;
  ring.reserve(static_cast<std::size_t>(segments));
  for (int i = 0; i < segments; ++i) {
    const double phi = 2 * kPi * i / segments, c = std::cos(phi), s = std::sin(phi);
    const double scale =
        exponent == 2 ? 1.0
                      : std::pow(std::pow(std::abs(c), exponent) + std::pow(std::abs(s), exponent),
                                 -1 / exponent);
    ring.push_back(center + scale * (c * half_side * side + s * half_other * other));
  }
  return ring;
}

}  // namespace

void append(Mesh& mesh, const Mesh& part) {
  const auto base = static_cast<std::uint32_t>(mesh.vertices.size());
  mesh.vertices.insert(mesh.vertices.end(), part.vertices.begin(), part.vertices.end());
  mesh.faces.reserve(mesh.faces.size() + part.faces.size());
  for (const auto& f : part.faces) mesh.faces.push_back({f[0] + base, f[1] + base, f[2] + base});
}

double signed_volume(const Mesh& mesh) {
  double sum = 0;
  for (const auto& f : mesh.faces) {
    const cv::Vec3d a = mesh.vertices[f[0]], b = mesh.vertices[f[1]], c = mesh.vertices[f[2]];
    sum += a.dot(b.cross(c));
  }
  return sum / 6;
}

void orient_outward(Mesh& mesh) {
  if (signed_volume(mesh) >= 0) return;
  for (auto& f : mesh.faces) std::swap(f[1], f[2]);
}

void transform(Mesh& mesh, const Transform& placement) {
  for (auto& v : mesh.vertices) v = cv::Vec3f(placement(cv::Vec3d(v)));
}

std::vector<cv::Vec3d> vertex_normals(const Mesh& mesh) {
  std::vector<cv::Vec3d> normals(mesh.vertices.size(), cv::Vec3d(0, 0, 0));
  for (const auto& f : mesh.faces) {
    const cv::Vec3d a = mesh.vertices[f[0]], b = mesh.vertices[f[1]], c = mesh.vertices[f[2]];
    const cv::Vec3d n = (b - a).cross(c - a);
    for (const auto i : f) normals[i] += n;
  }
  for (auto& n : normals) {
    const double length = cv::norm(n);
    if (length > 0) n /= length;
  }
  return normals;
}

Mesh offset_inward(const Mesh& mesh,
                   const std::function<double(const cv::Vec3d&, const cv::Vec3d&)>& thickness) {
  Mesh inner = mesh;
  const std::vector<cv::Vec3d> normals = vertex_normals(mesh);
  for (std::size_t i = 0; i < normals.size(); ++i) {
    const cv::Vec3d v = mesh.vertices[i];
    inner.vertices[i] = cv::Vec3f(v - thickness(v, normals[i]) * normals[i]);
  }
  return inner;
}

Mesh loft(std::span<const Ring> rings) {
  Mesh mesh;
  if (rings.size() < 2) return mesh;
  const auto n = static_cast<std::uint32_t>(rings[0].size());
  const auto count = static_cast<std::uint32_t>(rings.size());
  mesh.vertices.reserve(n * count + 2);
  for (const Ring& ring : rings) {
    for (const cv::Vec3d& p : ring) mesh.vertices.emplace_back(p);
  }
  mesh.faces.reserve(2 * n * count);
  for (std::uint32_t r = 0; r + 1 < count; ++r) {
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t j = (i + 1) % n;
      const std::uint32_t a = r * n + i, b = r * n + j, c = a + n, d = b + n;
      mesh.faces.push_back({a, b, d});
      mesh.faces.push_back({a, d, c});
    }
  }
  for (const bool top : {false, true}) {
    const Ring& ring = top ? rings.back() : rings.front();
    cv::Vec3d center(0, 0, 0);
    for (const cv::Vec3d& p : ring) center += p;
    const auto hub = static_cast<std::uint32_t>(mesh.vertices.size());
    mesh.vertices.emplace_back(center / static_cast<double>(n));
    const std::uint32_t base = top ? (count - 1) * n : 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::uint32_t a = base + i, b = base + (i + 1) % n;
      if (top) {
        mesh.faces.push_back({a, b, hub});
      } else {
        mesh.faces.push_back({b, a, hub});
      }
    }
  }
  orient_outward(mesh);
  return mesh;
}

Mesh sphere(const cv::Vec3d& center, double radius, int rings, int segments) {
  std::vector<Ring> all;
  for (int r = 1; r < rings; ++r) {
    const double theta = kPi * r / rings;
    all.push_back(superellipse(center + cv::Vec3d(0, 0, radius * std::cos(theta)), {1, 0, 0},
                               {0, 1, 0}, radius * std::sin(theta), radius * std::sin(theta), 2,
                               segments));
  }
  Mesh mesh = loft(all);
  // The fans' hubs are the poles.
  mesh.vertices[mesh.vertices.size() - 2] = cv::Vec3f(center + cv::Vec3d(0, 0, radius));
  mesh.vertices[mesh.vertices.size() - 1] = cv::Vec3f(center - cv::Vec3d(0, 0, radius));
  return mesh;
}

Mesh tube(const Tube& form, double inset_mm) {
  const auto rows = resample(form);
  std::vector<Ring> rings;
  const std::size_t count = rows.size();
  const auto center = [&](std::size_t i) { return cv::Vec3d(rows[i][0], rows[i][1], rows[i][2]); };
  for (std::size_t i = 0; i < count; ++i) {
    const cv::Vec3d tangent =
        cv::normalize(center(std::min(i + 1, count - 1)) - center(i == 0 ? 0 : i - 1));
    const cv::Vec3d side = perpendicular(form.side, tangent), other = tangent.cross(side);
    const double hs = rows[i][3] - inset_mm, ho = rows[i][4] - inset_mm;
    if (hs < 0.15 || ho < 0.15) return {};
    const auto ring = [&](double shift, double scale) {
      rings.push_back(superellipse(center(i) + shift * tangent, side, other, scale * hs, scale * ho,
                                   form.exponent, form.segments));
    };
    const double reach = std::min(hs, ho);
    if (i == 0 && form.round_start) {
      for (const double a : {1.25, 0.8, 0.4}) ring(-reach * std::sin(a), std::cos(a));
    }
    ring(0, 1);
    if (i + 1 == count && form.round_end) {
      for (const double a : {0.4, 0.8, 1.25}) ring(reach * std::sin(a), std::cos(a));
    }
  }
  return loft(rings);
}

void add_tube(Bone& bone, const Tube& form, double cortex_mm) {
  append(bone.outer, tube(form));
  append(bone.inner, tube(form, cortex_mm));
}

std::vector<cv::Vec3d> smooth_curve(std::span<const cv::Vec3d> points, double step, bool closed) {
  std::vector<cv::Vec3d> out;
  const int n = static_cast<int>(points.size());
  const auto at = [&](int i) {
    return points[static_cast<std::size_t>(closed ? (i + n) % n : std::clamp(i, 0, n - 1))];
  };
  for (int i = 0; i < (closed ? n : n - 1); ++i) {
    const int steps =
        std::max(1, static_cast<int>(std::lround(cv::norm(at(i + 1) - at(i)) / step)));
    for (int k = 0; k < steps; ++k) {
      out.push_back(
          catmull_rom(at(i - 1), at(i), at(i + 1), at(i + 2), static_cast<double>(k) / steps));
    }
  }
  if (!closed) out.push_back(points.back());
  return out;
}

SmoothNoise::SmoothNoise(Rng rng, double amplitude_mm, double wavelength_mm) {
  constexpr int kWaves = 6;
  for (int i = 0; i < kWaves; ++i) {
    const double wavelength = wavelength_mm * std::pow(3.0, -static_cast<double>(i) / (kWaves - 1));
    const cv::Vec3d direction = cv::normalize(normal_vector(rng));
    const double a = amplitude_mm * std::sqrt(2.0 / kWaves) * std::sqrt(wavelength / wavelength_mm);
    const cv::Vec3d amplitude = a * normal_vector(rng);
    waves_.push_back({2 * kPi / wavelength * direction, amplitude, rng.uniform(0, 2 * kPi)});
  }
}

cv::Vec3d SmoothNoise::operator()(const cv::Vec3d& p) const {
  cv::Vec3d sum(0, 0, 0);
  for (const Wave& w : waves_) sum += std::sin(w.frequency.dot(p) + w.phase) * w.amplitude;
  return sum;
}

void SmoothNoise::displace(Mesh& mesh) const {
  for (auto& v : mesh.vertices) v += cv::Vec3f((*this)(cv::Vec3d(v)));
}

double smoothstep(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace spine::sim
