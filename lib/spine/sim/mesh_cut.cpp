#include "spine/sim/mesh_cut.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "spine/sim/mesh_edges.h"
#include "spine/sim/mesh_ops.h"

namespace spine::sim {

namespace {

/// Chains directed edges (a to b) into closed loops.
std::vector<std::vector<std::uint32_t>> chain_loops(
    const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> next;
  for (const auto& [a, b] : edges) next[a].push_back(b);
  std::vector<std::vector<std::uint32_t>> loops;
  for (const auto& edge : edges) {
    auto& starts = next[edge.first];
    if (starts.empty()) continue;
    std::vector<std::uint32_t> loop;
    std::uint32_t at = edge.first;
    while (true) {
      auto& choices = next[at];
      if (choices.empty()) break;
      loop.push_back(at);
      at = choices.back();
      choices.pop_back();
      if (at == edge.first) break;
    }
    if (at == edge.first && loop.size() >= 3) loops.push_back(std::move(loop));
  }
  return loops;
}

double cross2(const cv::Vec2d& a, const cv::Vec2d& b) { return a[0] * b[1] - a[1] * b[0]; }

double turn(const cv::Vec2d& a, const cv::Vec2d& b, const cv::Vec2d& c) {
  return cross2(b - a, c - a);
}

bool ear_is_empty(const std::vector<cv::Vec2d>& polygon, const std::vector<std::uint32_t>& left,
                  std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  for (const auto i : left) {
    if (i == a || i == b || i == c) continue;
    if (turn(polygon[a], polygon[b], polygon[i]) > 0 &&
        turn(polygon[b], polygon[c], polygon[i]) > 0 &&
        turn(polygon[c], polygon[a], polygon[i]) > 0) {
      return false;
    }
  }
  return true;
}

/// Value of the field at a vertex; zeros count as positive, so that no cut passes through a vertex.
double signed_value(const std::vector<double>& field, std::uint32_t i) {
  return std::abs(field[i]) < 1e-9 ? 1e-9 : field[i];
}

cv::Vec3d zero_point(const Mesh& mesh, const std::vector<double>& field, std::uint32_t a,
                     std::uint32_t b) {
  const std::uint32_t low = std::min(a, b);  // same arithmetic from both faces of an edge
  const std::uint32_t high = std::max(a, b);
  const double from = signed_value(field, low);
  const double t = from / (from - signed_value(field, high));
  return cv::Vec3d(mesh.vertices[low]) * (1 - t) + cv::Vec3d(mesh.vertices[high]) * t;
}

/// Where the border of a face leaves and enters the positive side of the field: indices of points.
struct Crossing {
  std::uint32_t leaves = 0, enters = 0;
};

/// Visits the border of a face that lies on the positive side of the field, in order.
/// @param point_on  index of the zero point on the edge (a, b)
/// @param keep      called with each positive vertex and each zero point
/// @returns nullopt for a face on one side
template <class PointOn, class Keep>
std::optional<Crossing> cross_face(const Face& face, const std::vector<double>& field,
                                   const PointOn& point_on, const Keep& keep) {
  std::optional<Crossing> crossing;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::uint32_t a = face[k];
    const std::uint32_t b = face[(k + 1) % 3];
    const bool in_a = signed_value(field, a) > 0;
    const bool in_b = signed_value(field, b) > 0;
    if (in_a) keep(a);
    if (in_a == in_b) continue;
    if (!crossing) crossing.emplace();
    const std::uint32_t p = point_on(a, b);
    keep(p);
    (in_a ? crossing->leaves : crossing->enters) = p;
  }
  return crossing;
}

}  // namespace

std::vector<std::vector<cv::Vec3d>> level_loops(const Mesh& mesh,
                                                const std::vector<double>& field) {
  std::unordered_map<std::uint64_t, std::uint32_t> index_of;
  std::vector<cv::Vec3d> points;
  const auto point_on = [&](std::uint32_t a, std::uint32_t b) {
    const auto [entry, is_new] =
        index_of.try_emplace(undirected_key(a, b), static_cast<std::uint32_t>(points.size()));
    if (is_new) points.push_back(zero_point(mesh, field, a, b));
    return entry->second;
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  const auto ignore = [](std::uint32_t) {};
  for (const Face& f : mesh.faces) {
    const auto crossing = cross_face(f, field, point_on, ignore);
    if (crossing) edges.emplace_back(crossing->leaves, crossing->enters);
  }
  std::vector<std::vector<cv::Vec3d>> loops;
  for (const auto& chain : chain_loops(edges)) {
    std::vector<cv::Vec3d> loop;
    for (const auto i : chain) loop.push_back(points[i]);
    loops.push_back(std::move(loop));
  }
  return loops;
}

Mesh cut_and_cap(const Mesh& mesh, const std::vector<double>& field,
                 const std::function<cv::Vec2d(const cv::Vec3d&)>& flatten) {
  Mesh out;
  out.vertices = mesh.vertices;
  std::unordered_map<std::uint64_t, std::uint32_t> index_of;
  const auto point_on = [&](std::uint32_t a, std::uint32_t b) {
    const auto [entry, is_new] =
        index_of.try_emplace(undirected_key(a, b), static_cast<std::uint32_t>(out.vertices.size()));
    if (is_new) out.vertices.emplace_back(cv::Vec3f(zero_point(mesh, field, a, b)));
    return entry->second;
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rim;  // in the direction of the cap's faces
  for (const Face& f : mesh.faces) {
    std::vector<std::uint32_t> kept;
    const auto crossing =
        cross_face(f, field, point_on, [&kept](std::uint32_t point) { kept.push_back(point); });
    if (crossing) rim.emplace_back(crossing->enters, crossing->leaves);
    for (std::size_t k = 2; k < kept.size(); ++k) {
      out.faces.push_back({kept[0], kept[k - 1], kept[k]});
    }
  }
  for (const auto& loop : chain_loops(rim)) {
    std::vector<cv::Vec2d> flat;
    double area = 0;
    for (const auto i : loop) flat.push_back(flatten(cv::Vec3d(out.vertices[i])));
    for (std::size_t i = 0; i < flat.size(); ++i)
      area += cross2(flat[i], flat[(i + 1) % flat.size()]);
    for (Face f : triangulate(flat)) {
      if (area < 0)
        std::swap(f[1], f[2]);  // the cap of a hole within an opening faces the other way
      out.faces.push_back({loop[f[0]], loop[f[1]], loop[f[2]]});
    }
  }
  drop_unused_vertices(out);
  return out;
}

std::vector<std::array<std::uint32_t, 3>> triangulate(const std::vector<cv::Vec2d>& polygon) {
  std::vector<Face> faces;
  if (polygon.size() < 3) return faces;
  std::vector<std::uint32_t> left(polygon.size());
  std::iota(left.begin(), left.end(), 0U);
  double area = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    area += cross2(polygon[i], polygon[(i + 1) % polygon.size()]);
  }
  if (area < 0) std::reverse(left.begin(), left.end());
  while (left.size() > 3) {
    const std::size_t n = left.size();
    std::size_t best = n;
    double best_quality = -1;
    std::size_t fallback = 0;
    double fallback_turn = -1e300;
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint32_t a = left[(k + n - 1) % n];
      const std::uint32_t b = left[k];
      const std::uint32_t c = left[(k + 1) % n];
      const double t = turn(polygon[a], polygon[b], polygon[c]);
      if (t > fallback_turn) {
        fallback_turn = t;
        fallback = k;
      }
      if (t <= 0) continue;
      const double longest = cv::norm(polygon[a] - polygon[c]);
      const double quality = t / (longest * longest + 1e-12);
      if (quality > best_quality && ear_is_empty(polygon, left, a, b, c)) {
        best_quality = quality;
        best = k;
      }
    }
    // A polygon that touches itself may have no empty ear; any choice keeps the mesh closed.
    const std::size_t k = best < n ? best : fallback;
    // n is more than 3 here.  NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
    faces.push_back({left[(k + n - 1) % n], left[k], left[(k + 1) % n]});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
  }
  faces.push_back({left[0], left[1], left[2]});
  return faces;
}

}  // namespace spine::sim
