#include "spine/sim/mesh_ops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "spine/core/error.h"
#include "spine/sim/mesh_build.h"

namespace spine::sim {
namespace {

using Face = std::array<std::uint32_t, 3>;

std::uint64_t directed_key(std::uint32_t a, std::uint32_t b) {
  return (static_cast<std::uint64_t>(a) << 32) | b;
}
std::uint64_t undirected_key(std::uint32_t a, std::uint32_t b) {
  return directed_key(std::min(a, b), std::max(a, b));
}

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

/// Sum of squared distances to planes: p' A p + 2 b'p + c.
struct Quadric {
  cv::Matx33d a = cv::Matx33d::zeros();
  cv::Vec3d b{0, 0, 0};
  double c = 0;
  void add_plane(const cv::Vec3d& n, double d, double weight) {
    a += weight * (n * n.t());
    b += weight * d * n;
    c += weight * d * d;
  }
  void add(const Quadric& q) {
    a += q.a;
    b += q.b;
    c += q.c;
  }
  [[nodiscard]] double at(const cv::Vec3d& p) const { return p.dot(a * p) + 2 * b.dot(p) + c; }
};

/// Edge collapse of Garland & Heckbert, kept to collapses that leave a closed surface closed.
class Decimator {
 public:
  explicit Decimator(const Mesh& mesh) : faces_(mesh.faces), alive_(mesh.faces.size(), true) {
    points_.assign(mesh.vertices.begin(), mesh.vertices.end());
    faces_of_.resize(points_.size());
    quadrics_.resize(points_.size());
    version_.assign(points_.size(), 0);
    for (std::uint32_t i = 0; i < faces_.size(); ++i) {
      for (const auto v : faces_[i]) faces_of_[v].push_back(i);
      cv::Vec3d n = normal(faces_[i], {});
      const double length = cv::norm(n);
      if (length <= 0) continue;
      n *= 1 / length;
      for (const auto v : faces_[i]) {
        quadrics_[v].add_plane(n, -n.dot(points_[faces_[i][0]]), length);
      }
    }
    for (const Face& f : faces_) {
      for (std::size_t k = 0; k < 3; ++k) {
        if (f[k] < f[(k + 1) % 3]) push(f[k], f[(k + 1) % 3]);
      }
    }
  }

  Mesh run(std::size_t target_faces) {
    std::size_t left = faces_.size();
    while (left > target_faces && !queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      if (version_[best.a] != best.version_a || version_[best.b] != best.version_b) continue;
      if (collapse(best)) left -= 2;
    }
    Mesh out;
    for (const auto& p : points_) out.vertices.emplace_back(cv::Vec3f(p));
    for (std::size_t i = 0; i < faces_.size(); ++i) {
      if (alive_[i]) out.faces.push_back(faces_[i]);
    }
    drop_unused_vertices(out);
    return out;
  }

 private:
  struct Candidate {
    double cost = 0;
    std::uint32_t a = 0, b = 0;
    std::uint32_t version_a = 0, version_b = 0;
    cv::Vec3d point;
    bool operator<(
        const Candidate& o) const {  // smallest cost first; ties by index: same everywhere
      if (cost != o.cost) return cost > o.cost;
      return std::pair(a, b) > std::pair(o.a, o.b);
    }
  };
  struct Moved {
    std::uint32_t vertex = 0xffffffffU;
    cv::Vec3d point;
  };

  [[nodiscard]] cv::Vec3d at(std::uint32_t v, const Moved& moved) const {
    return v == moved.vertex ? moved.point : points_[v];
  }
  [[nodiscard]] cv::Vec3d normal(const Face& f, const Moved& moved) const {
    const cv::Vec3d p = at(f[0], moved);
    return (at(f[1], moved) - p).cross(at(f[2], moved) - p);
  }

  void push(std::uint32_t a, std::uint32_t b) {
    Quadric q = quadrics_[a];
    q.add(quadrics_[b]);
    const cv::Vec3d middle = (points_[a] + points_[b]) * 0.5;
    // A weak attraction to the midpoint keeps the system solvable on flat pieces.
    const double pull = 1e-3 * cv::trace(q.a) + 1e-12;
    cv::Vec3d best;
    const cv::Matx33d lhs = q.a + pull * cv::Matx33d::eye();
    cv::solve(lhs, pull * middle - q.b, best, cv::DECOMP_CHOLESKY);
    // A small edge-length term keeps triangles well-shaped in flat regions.
    const double length = cv::norm(points_[a] - points_[b]);
    queue_.push({q.at(best) + 1e-4 * length * length * length * length, a, b, version_[a],
                 version_[b], best});
  }

  [[nodiscard]] std::vector<std::uint32_t> neighbours(std::uint32_t v) const {
    std::vector<std::uint32_t> out;
    for (const auto i : faces_of_[v]) {
      if (!alive_[i]) continue;
      for (const auto w : faces_[i]) {
        if (w != v) out.push_back(w);
      }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  [[nodiscard]] bool keeps_normals(std::uint32_t v, std::uint32_t other,
                                   const cv::Vec3d& point) const {
    for (const auto i : faces_of_[v]) {
      const Face& f = faces_[i];
      if (!alive_[i] || std::find(f.begin(), f.end(), other) != f.end()) continue;
      const cv::Vec3d before = normal(f, {});
      const cv::Vec3d after = normal(f, {v, point});
      if (before.dot(after) < 0.2 * cv::norm(before) * cv::norm(after)) return false;
    }
    return true;
  }

  bool collapse(const Candidate& edge) {
    const auto of_a = neighbours(edge.a);
    const auto of_b = neighbours(edge.b);
    std::vector<std::uint32_t> common;
    std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                          std::back_inserter(common));
    if (common.size() != 2)
      return false;  // link condition: any other count makes the surface non-manifold
    if (of_a.size() + of_b.size() < 9) return false;
    for (const auto c : common) {
      if (neighbours(c).size() <= 3) return false;
    }
    if (!keeps_normals(edge.a, edge.b, edge.point) || !keeps_normals(edge.b, edge.a, edge.point)) {
      return false;
    }
    points_[edge.a] = edge.point;
    quadrics_[edge.a].add(quadrics_[edge.b]);
    for (const auto i : faces_of_[edge.b]) {
      if (!alive_[i]) continue;
      Face& f = faces_[i];
      if (std::find(f.begin(), f.end(), edge.a) != f.end()) {
        alive_[i] = false;
        continue;
      }
      std::replace(f.begin(), f.end(), edge.b, edge.a);
      faces_of_[edge.a].push_back(i);
    }
    faces_of_[edge.b].clear();
    ++version_[edge.b];
    ++version_[edge.a];
    auto& own = faces_of_[edge.a];
    own.erase(std::remove_if(own.begin(), own.end(), [this](auto i) { return !alive_[i]; }),
              own.end());
    for (const auto v : neighbours(edge.a)) push(std::min(edge.a, v), std::max(edge.a, v));
    return true;
  }

  std::vector<cv::Vec3d> points_;
  std::vector<Face> faces_;
  std::vector<bool> alive_;
  std::vector<std::vector<std::uint32_t>> faces_of_;
  std::vector<Quadric> quadrics_;
  std::vector<std::uint32_t> version_;
  std::priority_queue<Candidate> queue_;
};

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

/// Fields of exactly zero would cut through vertices; move them to the positive side.
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

Mesh decimate(const Mesh& mesh, std::size_t target_faces) {
  return mesh.faces.size() <= target_faces ? mesh : Decimator(mesh).run(target_faces);
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
  for (const Face& f : mesh.faces) {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    bool crossed = false;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = f[k];
      const std::uint32_t b = f[(k + 1) % 3];
      const bool in_a = signed_value(field, a) > 0;
      const bool in_b = signed_value(field, b) > 0;
      if (in_a == in_b) continue;
      crossed = true;
      (in_a ? from : to) = point_on(a, b);  // leaves the positive side first, comes back second
    }
    if (crossed) edges.emplace_back(from, to);
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
    std::uint32_t leaves = 0;
    std::uint32_t enters = 0;
    bool crossed = false;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = f[k];
      const std::uint32_t b = f[(k + 1) % 3];
      const bool in_a = signed_value(field, a) > 0;
      const bool in_b = signed_value(field, b) > 0;
      if (in_a) kept.push_back(a);
      if (in_a == in_b) continue;
      crossed = true;
      const std::uint32_t p = point_on(a, b);
      kept.push_back(p);
      (in_a ? leaves : enters) = p;
    }
    if (crossed) rim.emplace_back(enters, leaves);
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
    // A polygon that touches itself may have no clean ear; any choice keeps the mesh closed.
    const std::size_t k = best < n ? best : fallback;
    // n is more than 3 here.  NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
    faces.push_back({left[(k + n - 1) % n], left[k], left[(k + 1) % n]});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
  }
  faces.push_back({left[0], left[1], left[2]});
  return faces;
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
