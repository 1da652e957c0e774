#include "spine/sim/mesh_ops.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_edges.h"

namespace spine::sim {

namespace {

using EdgeCounts = std::unordered_map<std::uint64_t, int>;

EdgeCounts count_edges(const Mesh& mesh) {
  EdgeCounts counts;
  counts.reserve(mesh.faces.size() * 3);
  for (const Face& f : mesh.faces) {
    for (std::size_t k = 0; k < 3; ++k) ++counts[directed_key(f[k], f[(k + 1) % 3])];
  }
  return counts;
}

int count_of(const EdgeCounts& counts, std::uint32_t a, std::uint32_t b) {
  const auto found = counts.find(directed_key(a, b));
  return found == counts.end() ? 0 : found->second;
}

cv::Vec3f face_normal_times_area2(const Mesh& mesh, const Face& f) {
  return (mesh.vertices[f[1]] - mesh.vertices[f[0]])
      .cross(mesh.vertices[f[2]] - mesh.vertices[f[0]]);
}

Mesh loop_subdivide_once(const Mesh& mesh) {
  const std::size_t n = mesh.vertices.size();
  std::vector<cv::Vec3d> neighbour_sum(n, cv::Vec3d(0, 0, 0));
  std::vector<int> valence(n, 0);
  struct EdgePoint {
    std::uint32_t index = 0;
    cv::Vec3d opposite_sum{0, 0, 0};
  };
  std::unordered_map<std::uint64_t, EdgePoint> edges;
  edges.reserve(mesh.faces.size() * 2);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edge_ends;
  for (const Face& f : mesh.faces) {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = f[k];
      const std::uint32_t b = f[(k + 1) % 3];
      neighbour_sum[a] += cv::Vec3d(mesh.vertices[b]);
      ++valence[a];  // in a closed mesh each neighbour is seen once this way
      auto [entry, is_new] = edges.try_emplace(undirected_key(a, b));
      if (is_new) {
        entry->second.index = static_cast<std::uint32_t>(n + edge_ends.size());
        edge_ends.emplace_back(a, b);
      }
      entry->second.opposite_sum += cv::Vec3d(mesh.vertices[f[(k + 2) % 3]]);
    }
  }
  Mesh out;
  out.vertices.resize(n + edge_ends.size());
  for (std::size_t i = 0; i < n; ++i) {
    const double beta = valence[i] == 3 ? 3.0 / 16 : 3.0 / (8.0 * std::max(valence[i], 1));
    out.vertices[i] =
        cv::Vec3d(mesh.vertices[i]) * (1 - valence[i] * beta) + neighbour_sum[i] * beta;
  }
  for (const auto& [a, b] : edge_ends) {
    const EdgePoint& point = edges.at(undirected_key(a, b));
    out.vertices[point.index] =
        (cv::Vec3d(mesh.vertices[a]) + cv::Vec3d(mesh.vertices[b])) * 0.375 +
        point.opposite_sum * 0.125;
  }
  out.faces.reserve(mesh.faces.size() * 4);
  for (const Face& f : mesh.faces) {
    const std::uint32_t ab = edges.at(undirected_key(f[0], f[1])).index;
    const std::uint32_t bc = edges.at(undirected_key(f[1], f[2])).index;
    const std::uint32_t ca = edges.at(undirected_key(f[2], f[0])).index;
    out.faces.push_back({f[0], ab, ca});
    out.faces.push_back({f[1], bc, ab});
    out.faces.push_back({f[2], ca, bc});
    out.faces.push_back({ab, bc, ca});
  }
  return out;
}

}  // namespace

bool is_closed(const Mesh& mesh) {
  if (mesh.faces.empty()) return false;
  const EdgeCounts counts = count_edges(mesh);
  for (const Face& f : mesh.faces) {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = f[k];
      const std::uint32_t b = f[(k + 1) % 3];
      if (a == b || count_of(counts, a, b) != 1 || count_of(counts, b, a) != 1) return false;
    }
  }
  return true;
}

double surface_area(const Mesh& mesh) {
  double area = 0;
  for (const Face& f : mesh.faces) area += 0.5 * cv::norm(face_normal_times_area2(mesh, f));
  return area;
}

void flip_faces(Mesh& mesh) {
  for (Face& f : mesh.faces) std::swap(f[1], f[2]);
}

void remove_surplus_faces(Mesh& mesh) {
  EdgeCounts counts = count_edges(mesh);
  std::vector<Face> kept;
  for (const Face& f : mesh.faces) {
    bool surplus = true;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = f[k];
      const std::uint32_t b = f[(k + 1) % 3];
      surplus = surplus && count_of(counts, a, b) > count_of(counts, b, a);
    }
    if (!surplus) {
      kept.push_back(f);
      continue;
    }
    for (std::size_t k = 0; k < 3; ++k) --counts[directed_key(f[k], f[(k + 1) % 3])];
  }
  mesh.faces = std::move(kept);
  drop_unused_vertices(mesh);
}

void drop_unused_vertices(Mesh& mesh) {
  constexpr std::uint32_t kUnused = 0xffffffffU;
  std::vector<std::uint32_t> renamed(mesh.vertices.size(), kUnused);
  std::vector<cv::Vec3f> kept;
  for (Face& f : mesh.faces) {
    for (auto& index : f) {
      if (renamed[index] == kUnused) {
        renamed[index] = static_cast<std::uint32_t>(kept.size());
        kept.push_back(mesh.vertices[index]);
      }
      index = renamed[index];
    }
  }
  mesh.vertices = std::move(kept);
}

Mesh transformed(const Mesh& mesh, const Transform& transform) {
  Mesh out = mesh;
  for (auto& v : out.vertices) v = cv::Vec3f(transform(cv::Vec3d(v)));
  if (cv::determinant(transform.linear) < 0) flip_faces(out);
  return out;
}

std::vector<Mesh> components(const Mesh& mesh) {
  std::vector<std::uint32_t> parent(mesh.vertices.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&parent](std::uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (const Face& f : mesh.faces) {
    parent[root(f[1])] = root(f[0]);
    parent[root(f[2])] = root(f[0]);
  }
  std::unordered_map<std::uint32_t, std::size_t> place;
  std::vector<Mesh> parts;
  for (const Face& f : mesh.faces) {
    const auto [entry, is_new] = place.try_emplace(root(f[0]), parts.size());
    if (is_new) parts.push_back({mesh.vertices, {}});
    parts[entry->second].faces.push_back(f);
  }
  for (Mesh& part : parts) drop_unused_vertices(part);
  return parts;
}

Mesh loop_subdivide(const Mesh& mesh, int times) {
  Mesh out = mesh;
  for (int i = 0; i < times; ++i) out = loop_subdivide_once(out);
  return out;
}

Mesh offset_inward(const Mesh& mesh, const std::vector<float>& distance_mm) {
  if (distance_mm.size() != mesh.vertices.size()) {
    throw Error(ErrorKind::internal, "offset mesh: expected one distance for every vertex");
  }
  Mesh out = mesh;
  const auto normals = vertex_normals(mesh);
  for (std::size_t i = 0; i < normals.size(); ++i)
    out.vertices[i] -= cv::Vec3f(normals[i] * static_cast<double>(distance_mm[i]));
  return out;
}

std::pair<cv::Vec3d, double> fit_sphere(const std::vector<cv::Vec3d>& points) {
  if (points.size() < 4) throw Error(ErrorKind::internal, "fit sphere: expected at least 4 points");
  cv::Vec3d mean(0, 0, 0);
  for (const auto& p : points) mean += p * (1.0 / static_cast<double>(points.size()));
  cv::Matx44d lhs = cv::Matx44d::zeros();
  cv::Vec4d rhs(0, 0, 0, 0);
  for (const auto& p : points) {
    const cv::Vec3d q = p - mean;
    const cv::Vec4d row(2 * q[0], 2 * q[1], 2 * q[2], 1);
    lhs += row * row.t();
    rhs += row * q.dot(q);
  }
  cv::Vec4d x;
  cv::solve(lhs, rhs, x, cv::DECOMP_SVD);
  const cv::Vec3d center(x[0], x[1], x[2]);
  return {center + mean, std::sqrt(std::max(0.0, x[3] + center.dot(center)))};
}

}  // namespace spine::sim
