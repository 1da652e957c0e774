#include "spine/sim/mesh_decimate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <queue>
#include <utility>
#include <vector>

#include "spine/sim/mesh_edges.h"
#include "spine/sim/mesh_ops.h"

namespace spine::sim {

namespace {

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

}  // namespace

Mesh decimate(const Mesh& mesh, std::size_t target_faces) {
  return mesh.faces.size() <= target_faces ? mesh : Decimator(mesh).run(target_faces);
}

}  // namespace spine::sim
