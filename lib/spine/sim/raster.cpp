#include "spine/sim/raster.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "spine/core/error.h"

namespace spine::sim {

namespace {

constexpr int kSubpixel = 256;  ///< vertices are rounded to 1/256 pixel

/// A projected vertex: position in 1/256 pixel and depth from the source.
struct ScreenVertex {
  std::int64_t x, y;
  double depth_mm;
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {  // b > 0
  const std::int64_t q = a / b;
  return q - ((a % b) < 0 ? 1 : 0);
}
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

std::vector<ScreenVertex> to_screen(const Mesh& mesh, const Camera& camera) {
  std::vector<ScreenVertex> vertices;
  vertices.reserve(mesh.vertices.size());
  for (const cv::Vec3f& v : mesh.vertices) {
    const cv::Vec3d p = camera.to_pixel_and_depth(cv::Vec3d(v));
    vertices.push_back({static_cast<std::int64_t>(std::floor(p[0] * kSubpixel + 0.5)),
                        static_cast<std::int64_t>(std::floor(p[1] * kSubpixel + 0.5)), p[2]});
  }
  return vertices;
}

/// Pixels whose centres may be covered, cut to the film.
cv::Rect bounding_box(const std::vector<ScreenVertex>& vertices, cv::Size film) {
  if (vertices.empty()) return {};
  std::int64_t x0 = vertices[0].x, x1 = x0, y0 = vertices[0].y, y1 = y0;
  for (const ScreenVertex& v : vertices) {
    x0 = std::min(x0, v.x);
    x1 = std::max(x1, v.x);
    y0 = std::min(y0, v.y);
    y1 = std::max(y1, v.y);
  }
  const auto left = std::max<std::int64_t>(0, floor_div(x0, kSubpixel));
  const auto top = std::max<std::int64_t>(0, floor_div(y0, kSubpixel));
  const auto right = std::min<std::int64_t>(film.width, floor_div(x1, kSubpixel) + 1);
  const auto bottom = std::min<std::int64_t>(film.height, floor_div(y1, kSubpixel) + 1);
  if (right <= left || bottom <= top) return {};
  return {static_cast<int>(left), static_cast<int>(top), static_cast<int>(right - left),
          static_cast<int>(bottom - top)};
}

/// One edge as a half-plane test: slope * column + offset(row) >= bias inside.
struct Edge {
  std::int64_t dx, dy, slope, constant, bias;

  Edge(const ScreenVertex& a, const ScreenVertex& b)
      : dx(b.x - a.x),
        dy(b.y - a.y),
        slope(-dy * kSubpixel),
        constant(dy * a.x - dx * a.y),
        // A pixel on the edge belongs to the triangle for which the edge runs down (or, level,
        // right); for the neighbour the edge runs the other way.
        bias(dy > 0 || (dy == 0 && dx > 0) ? 0 : 1) {}

  /// Narrows the columns [first, last] of a row to those inside.
  void clip(std::int64_t row, std::int64_t& first, std::int64_t& last) const {
    const std::int64_t offset = constant + dx * row * kSubpixel - bias;
    if (slope > 0) {
      first = std::max(first, ceil_div(-offset, slope));
    } else if (slope < 0) {
      last = std::min(last, floor_div(offset, -slope));
    } else if (offset < 0) {
      last = first - 1;
    }
  }
};

/// Twice the signed area, in (1/256 pixel) squared.
std::int64_t area2(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Calls span(row, first, last) for the covered columns of each row of a triangle with positive
/// area, inside `box`.
template <typename Span>
void for_each_span(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c,
                   const cv::Rect& box, Span span) {
  const std::int64_t top = std::min({a.y, b.y, c.y}), bottom = std::max({a.y, b.y, c.y});
  const std::int64_t left = std::min({a.x, b.x, c.x}), right = std::max({a.x, b.x, c.x});
  const auto first_row = std::max<std::int64_t>(box.y, ceil_div(top, kSubpixel));
  const auto last_row = std::min<std::int64_t>(box.br().y - 1, floor_div(bottom, kSubpixel));
  const auto first_col = std::max<std::int64_t>(box.x, ceil_div(left, kSubpixel));
  const auto last_col = std::min<std::int64_t>(box.br().x - 1, floor_div(right, kSubpixel));
  if (first_row > last_row || first_col > last_col) return;
  const Edge edges[3] = {{a, b}, {b, c}, {c, a}};
  for (std::int64_t row = first_row; row <= last_row; ++row) {
    std::int64_t first = first_col, last = last_col;
    for (const Edge& edge : edges) edge.clip(row, first, last);
    if (first <= last) span(static_cast<int>(row), static_cast<int>(first), static_cast<int>(last));
  }
}

/// A quantity that is linear on the film, from its values at three vertices.
struct LinearField {
  double at_origin, per_col, per_row;
  LinearField(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c, double area,
              double va, double vb, double vc) {
    const double db = vb - va, dc = vc - va;
    const auto abx = static_cast<double>(b.x - a.x), aby = static_cast<double>(b.y - a.y);
    const auto acx = static_cast<double>(c.x - a.x), acy = static_cast<double>(c.y - a.y);
    per_col = (db * acy - dc * aby) / area * kSubpixel;
    per_row = (dc * abx - db * acx) / area * kSubpixel;
    at_origin = va - per_col * static_cast<double>(a.x) / kSubpixel -
                per_row * static_cast<double>(a.y) / kSubpixel;
  }
  [[nodiscard]] double operator()(int col, int row) const {
    return at_origin + per_col * col + per_row * row;
  }
};

/// Adds sign * (depth - reference) over a triangle. The reciprocal of depth is linear on the film;
/// working relative to a reference depth inside the mesh keeps single precision exact enough, and
/// cancels over a closed mesh.
void add_triangle(ScreenVertex a, ScreenVertex b, ScreenVertex c, int handedness,
                  double reference_mm, const cv::Rect& box, cv::Mat& sum) {
  std::int64_t area = area2(a, b, c);
  if (area == 0) return;
  // Seen from the source an outward-facing triangle is counter-clockwise where a ray enters.
  const float sign = static_cast<float>(area > 0 ? handedness : -handedness);
  if (area < 0) {
    std::swap(b, c);
    area = -area;
  }
  const double ia = 1.0 / a.depth_mm, ib = 1.0 / b.depth_mm, ic = 1.0 / c.depth_mm;
  const double area_d = static_cast<double>(area);
  const LinearField inverse(a, b, c, area_d, ia, ib, ic);
  const LinearField excess(a, b, c, area_d, 1 - reference_mm * ia, 1 - reference_mm * ib,
                           1 - reference_mm * ic);
  const auto inverse_step = static_cast<float>(inverse.per_col);
  const auto excess_step = static_cast<float>(excess.per_col);
  for_each_span(a, b, c, box, [&](int row, int first, int last) {
    float* out = sum.ptr<float>(row - box.y) + (first - box.x);
    const auto inverse_start = static_cast<float>(inverse(first, row));
    const auto excess_start = sign * static_cast<float>(excess(first, row));
    const float signed_step = sign * excess_step;
    for (int k = 0; k <= last - first; ++k) {
      const auto step = static_cast<float>(k);
      out[k] += (excess_start + step * signed_step) / (inverse_start + step * inverse_step);
    }
  });
}

/// Depths along the film's normal to lengths along the ray; negative rounding errors are clamped.
void scale_to_rays(const Camera& camera, const cv::Rect& box, cv::Mat& length) {
  for (int y = 0; y < box.height; ++y) {
    float* row = length.ptr<float>(y);
    const cv::Vec3d start = camera.ray(box.x, box.y + y);
    const cv::Vec3d next = camera.ray(box.x + 1, box.y + y);
    const auto x0 = static_cast<float>(start[0]), dx = static_cast<float>(next[0] - start[0]);
    const auto rest = static_cast<float>(1 + start[1] * start[1]);
    for (int x = 0; x < box.width; ++x) {
      const float across = x0 + dx * static_cast<float>(x);
      row[x] = std::max(0.0F, row[x]) * std::sqrt(rest + across * across);
    }
  }
}

double mean_depth(const std::vector<ScreenVertex>& vertices) {
  double sum = 0;
  for (const ScreenVertex& v : vertices) sum += v.depth_mm;
  return sum / static_cast<double>(vertices.size());
}

}  // namespace

Camera::Camera(const ViewGeometry& view, int height_px)
    : source_(view.source), right_(view.right), down_(view.down) {
  normal_ = right_.cross(down_);
  const cv::Vec3d to_corner = view.detector_origin - source_;
  distance_mm_ = to_corner.dot(normal_);
  if (distance_mm_ < 0) {
    normal_ = -normal_;
    distance_mm_ = -distance_mm_;
    handedness_ = -1;
  }
  if (!(distance_mm_ > 0) || height_px < 1 || !(view.height_mm > 0) || !(view.width_mm > 0)) {
    throw Error(ErrorKind::internal, "project: expected a film in front of the source");
  }
  left_mm_ = to_corner.dot(right_);
  top_mm_ = to_corner.dot(down_);
  pixel_mm_ = view.height_mm / height_px;
  size_ = {std::max(1, static_cast<int>(std::lround(view.width_mm / pixel_mm_))), height_px};
}

cv::Vec3d Camera::to_camera(const cv::Vec3d& point) const {
  const cv::Vec3d p = point - source_;
  return {p.dot(right_), p.dot(down_), p.dot(normal_)};
}

cv::Vec3d Camera::to_pixel_and_depth(const cv::Vec3d& point) const {
  const cv::Vec3d p = to_camera(point);
  const double depth = std::max(1.0, p[2]);  // no part of the scene is near the focal spot
  const double scale = distance_mm_ / depth;
  return {(p[0] * scale - left_mm_) / pixel_mm_ - 0.5, (p[1] * scale - top_mm_) / pixel_mm_ - 0.5,
          depth};
}

cv::Point2d Camera::to_pixel(const cv::Vec3d& point) const {
  const cv::Vec3d p = to_pixel_and_depth(point);
  return {p[0], p[1]};
}

double Camera::magnification(const cv::Vec3d& point) const {
  return distance_mm_ / to_camera(point)[2];
}

cv::Vec3d Camera::ray(int x, int y) const {
  return {(left_mm_ + (x + 0.5) * pixel_mm_) / distance_mm_,
          (top_mm_ + (y + 0.5) * pixel_mm_) / distance_mm_, 1.0};
}

double Camera::sphere_half_width_px(const cv::Vec3d& center, double radius_mm) const {
  // Planes through the source, parallel to the film's y, that touch the sphere.
  const cv::Vec3d c = to_camera(center);
  const double range2 = c[0] * c[0] + c[2] * c[2], r2 = radius_mm * radius_mm;
  const double reach = radius_mm * std::sqrt(range2 - r2);
  const double low = (c[0] * c[2] - reach) / (c[2] * c[2] - r2);
  const double high = (c[0] * c[2] + reach) / (c[2] * c[2] - r2);
  return (high - low) / 2 * distance_mm_ / pixel_mm_;
}

PathPatch path_length(const Mesh& mesh, const Camera& camera) {
  const std::vector<ScreenVertex> vertices = to_screen(mesh, camera);
  const cv::Rect box = bounding_box(vertices, camera.size());
  if (box.empty() || mesh.faces.empty()) return {};
  PathPatch patch{box, cv::Mat::zeros(box.size(), CV_32FC1)};
  const double reference_mm = mean_depth(vertices);
  for (const auto& face : mesh.faces) {
    add_triangle(vertices[face[0]], vertices[face[1]], vertices[face[2]], camera.handedness(),
                 reference_mm, box, patch.length_mm);
  }
  scale_to_rays(camera, box, patch.length_mm);
  return patch;
}

void mark_silhouette(const Mesh& mesh, const Camera& camera, std::uint8_t bit, cv::Mat& bits) {
  const std::vector<ScreenVertex> vertices = to_screen(mesh, camera);
  const cv::Rect film({0, 0}, camera.size());
  for (const auto& face : mesh.faces) {
    const ScreenVertex &a = vertices[face[0]], &b = vertices[face[1]], &c = vertices[face[2]];
    // One of the two sides of a closed mesh covers the whole silhouette.
    if (area2(a, b, c) <= 0) continue;
    for_each_span(a, b, c, film, [&](int row, int first, int last) {
      std::uint8_t* out = bits.ptr<std::uint8_t>(row);
      for (int x = first; x <= last; ++x) out[x] = static_cast<std::uint8_t>(out[x] | bit);
    });
  }
}

void mark_sphere(const cv::Vec3d& center, double radius_mm, const Camera& camera, std::uint8_t bit,
                 cv::Mat& bits) {
  const cv::Vec3d c = camera.to_camera(center);
  const cv::Point2d middle = camera.to_pixel(center);
  const double reach = 1.2 * camera.magnification(center) * radius_mm / camera.pixel_mm() + 2;
  const double limit = c.dot(c) - radius_mm * radius_mm;
  const auto clamped = [](double v, int high) {
    return static_cast<int>(std::clamp(v, 0.0, static_cast<double>(high)));
  };
  const int y_end = clamped(middle.y + reach, bits.rows),
            x_end = clamped(middle.x + reach, bits.cols);
  for (int y = clamped(middle.y - reach, bits.rows); y < y_end; ++y) {
    std::uint8_t* out = bits.ptr<std::uint8_t>(y);
    for (int x = clamped(middle.x - reach, bits.cols); x < x_end; ++x) {
      const cv::Vec3d ray = camera.ray(x, y);
      const double along = ray.dot(c);
      if (along * along >= limit * ray.dot(ray)) out[x] = static_cast<std::uint8_t>(out[x] | bit);
    }
  }
}

}  // namespace spine::sim
