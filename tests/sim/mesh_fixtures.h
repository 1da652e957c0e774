#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "spine/sim/mesh_build.h"
#include "spine/sim/mesh_io.h"
#include "spine/sim/mesh_ops.h"

// Small synthetic bones, so that no test needs real meshes.
namespace spine::test {

struct Box {
  cv::Vec3i low, high;  ///< in cells
};

/// The surface of a union of boxes on a grid, closed; `cell_mm` is the grid's step.
inline sim::Mesh box_mesh(const std::vector<Box>& boxes, double cell_mm) {
  const auto inside = [&boxes](const cv::Vec3i& c) {
    for (const Box& b : boxes) {
      bool in = true;
      for (int k = 0; k < 3; ++k) in = in && c[k] >= b.low[k] && c[k] < b.high[k];
      if (in) return true;
    }
    return false;
  };
  cv::Vec3i low = boxes[0].low;
  cv::Vec3i high = boxes[0].high;
  for (const Box& b : boxes) {
    for (int k = 0; k < 3; ++k) {
      low[k] = std::min(low[k], b.low[k]);
      high[k] = std::max(high[k], b.high[k]);
    }
  }
  sim::Mesh mesh;
  std::map<std::array<int, 3>, std::uint32_t> known;
  const auto vertex = [&](const cv::Vec3i& p) {
    const auto [entry, is_new] = known.try_emplace(
        std::array<int, 3>{p[0], p[1], p[2]}, static_cast<std::uint32_t>(mesh.vertices.size()));
    if (is_new) {
      mesh.vertices.emplace_back(static_cast<float>(p[0] * cell_mm),
                                 static_cast<float>(p[1] * cell_mm),
                                 static_cast<float>(p[2] * cell_mm));
    }
    return entry->second;
  };
  for (int x = low[0]; x < high[0]; ++x) {
    for (int y = low[1]; y < high[1]; ++y) {
      for (int z = low[2]; z < high[2]; ++z) {
        const cv::Vec3i c(x, y, z);
        if (!inside(c)) continue;
        for (int axis = 0; axis < 3; ++axis) {
          cv::Vec3i u(0, 0, 0);
          cv::Vec3i v(0, 0, 0);
          cv::Vec3i n(0, 0, 0);
          n[axis] = 1;
          u[(axis + 1) % 3] = 1;
          v[(axis + 2) % 3] = 1;
          if (!inside(c + n)) {
            const cv::Vec3i o = c + n;
            mesh.faces.push_back({vertex(o), vertex(o + u), vertex(o + u + v)});
            mesh.faces.push_back({vertex(o), vertex(o + u + v), vertex(o + v)});
          }
          if (!inside(c - n)) {
            mesh.faces.push_back({vertex(c), vertex(c + u + v), vertex(c + u)});
            mesh.faces.push_back({vertex(c), vertex(c + v), vertex(c + u + v)});
          }
        }
      }
    }
  }
  return mesh;
}

/// A blocky vertebra on a 2 mm grid: body x -18..18, y -22..22, z -14..14 mm; pedicles at
/// |y| 10..18, z 2..12, 10 mm long; arch and spinous process behind the canal.
inline sim::Mesh blocky_vertebra() {
  return box_mesh({{{-9, -11, -7}, {9, 11, 7}},
                   {{-14, 5, 1}, {-9, 9, 6}},
                   {{-14, -9, 1}, {-9, -5, 6}},
                   {{-17, -9, -4}, {-14, 9, 6}},
                   {{-28, -2, -4}, {-17, 2, 3}}},
                  2.0);
}

template <typename T>
void append_raw(std::string& bytes, const T& value) {
  std::array<char, sizeof(T)> raw{};
  std::memcpy(raw.data(), &value, sizeof(T));
  bytes.append(raw.data(), raw.size());
}

inline std::string ply_bytes(const sim::Mesh& mesh) {
  std::string bytes =
      "ply\nformat binary_little_endian 1.0\ncomment made by a test\nelement vertex " +
      std::to_string(mesh.vertices.size()) +
      "\nproperty float x\nproperty float y\nproperty float z\nelement face " +
      std::to_string(mesh.faces.size()) + "\nproperty list uchar int vertex_indices\nend_header\n";
  for (const auto& v : mesh.vertices) {
    for (int c = 0; c < 3; ++c) append_raw(bytes, v[c]);
  }
  for (const auto& f : mesh.faces) {
    append_raw(bytes, std::uint8_t{3});
    for (const auto i : f) append_raw(bytes, static_cast<std::int32_t>(i));
  }
  return bytes;
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A bone as the low-poly set stores it: metres, y up, z right.
inline void write_low_poly(const std::filesystem::path& file, const sim::Mesh& mesh_mm) {
  sim::Transform axes;
  axes.linear = cv::Matx33d(0.001, 0, 0, 0, 0, 0.001, 0, -0.001, 0);
  sim::write_stl(file, sim::transformed(mesh_mm, axes));
}

inline sim::Mesh straight_tube(const cv::Vec3d& from, const cv::Vec3d& to, double radius_mm) {
  sim::Tube form;
  form.nodes = {{from, radius_mm, radius_mm}, {to, radius_mm, radius_mm}};
  form.side = {0.3, 1, 0.2};
  form.segments = 12;
  return sim::tube(form);
}

/// A folder of synthetic bones as load_mesh_anatomy expects it. The femur's head has a radius of 23
/// mm.
inline void write_anatomy_folder(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "lumbar_mean");
  std::filesystem::create_directories(folder / "myo_sim");
  for (const char* name : {"L2.ply", "L3.ply", "L4.ply", "L5.ply"}) {
    write_bytes(folder / "lumbar_mean" / name, ply_bytes(blocky_vertebra()));
  }
  write_low_poly(folder / "myo_sim" / "l_pelvis.stl", box_mesh({{{-12, 5, -8}, {-2, 7, 7}}}, 10.0));
  sim::Mesh femur = sim::sphere({0, 0, 0}, 23, 20, 30);
  sim::append(femur, straight_tube({0, 40, 10}, {0, 36, -260}, 14));
  write_low_poly(folder / "myo_sim" / "l_femur.stl", femur);
  sim::Mesh chest;
  for (int i = 0; i < 5; ++i) {
    for (const double side : {1.0, -1.0}) {
      sim::append(chest, straight_tube({-60, side * 20, 180 + 25.0 * i},
                                       {60, side * 110, 120 + 25.0 * i}, 4));
    }
  }
  write_low_poly(folder / "myo_sim" / "hat_ribs_scap.stl", chest);
}

/// Distance of a point to the outline of the convex hull of `points`, in the plane.
inline double distance_to_hull(const std::vector<cv::Vec2d>& points, const cv::Vec2d& at) {
  constexpr int kDirections = 720;
  double nearest = -1e9;  // signed: positive outside
  for (int i = 0; i < kDirections; ++i) {
    const double phi = 6.283185307179586 * i / kDirections;
    const cv::Vec2d d(std::cos(phi), std::sin(phi));
    double support = -1e9;
    for (const auto& p : points) support = std::max(support, p.dot(d));
    nearest = std::max(nearest, at.dot(d) - support);
  }
  return std::abs(nearest);
}

/// A ring-shaped block: one hole.
inline sim::Mesh frame() {
  return box_mesh({{{0, 0, 0}, {9, 2, 2}},
                   {{0, 7, 0}, {9, 9, 2}},
                   {{0, 2, 0}, {2, 7, 2}},
                   {{7, 2, 0}, {9, 7, 2}}},
                  1.0);
}

/// Vertices - edges + faces of a closed mesh.
inline int euler_characteristic(const sim::Mesh& mesh) {
  return static_cast<int>(mesh.vertices.size()) - static_cast<int>(mesh.faces.size()) / 2;
}

}  // namespace spine::test
