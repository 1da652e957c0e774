#include "spine/sim/film_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/geometry.h"
#include "spine/sim/fields.h"

namespace spine::sim {

namespace {

/// Bounding box of the anatomy that collimation leaves in the field, pixels.
cv::Rect2d needed_field(const Landmarks& landmarks) {
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  const auto add = [&](const cv::Point2d& p, double margin) {
    left = std::min(left, p.x - margin);
    right = std::max(right, p.x + margin);
    top = std::min(top, p.y - margin);
    bottom = std::max(bottom, p.y + margin);
  };
  for (const auto& v : landmarks.vertebrae) {
    if (!v) continue;
    for (const cv::Point2d& p : {v->sup.post, v->sup.ant, v->inf.post, v->inf.ant}) add(p, 0);
  }
  if (landmarks.s1) {
    add(landmarks.s1->post, 0);
    add(landmarks.s1->ant, 0);
  }
  for (const FemoralHead& head : landmarks.femoral_heads) add(head.center, 1.1 * head.radius);
  if (right < left) return {0, 0, 1e9, 1e9};
  return {left, top, right - left, bottom - top};
}

/// Four edges of the collimator, slightly rotated; everything outside is shaded.
void collimate(cv::Mat& image, const PathLengthProjections& paths, double variation, Rng& rng,
               cv::Mat& open) {
  const cv::Rect2d needed = needed_field(paths.landmarks);
  const double width = image.cols, height = image.rows;
  const double margin = 6 / paths.pixel_mm;
  const auto place = [&](double limit, double room) {
    // Shaded fraction of the margin between the film edge and the anatomy.
    const double share = rng.chance(0.35) ? 0 : rng.uniform(0, rng.chance(0.5) ? 0.3 : 0.85);
    return limit * share * (room > 0 ? 1 : 0);
  };
  const double left = place(needed.x - margin, needed.x - margin);
  const double right = place(width - needed.br().x - margin, width - needed.br().x - margin);
  const double top = place(needed.y - margin, needed.y - margin);
  const double bottom = place(height - needed.br().y - margin, height - needed.br().y - margin);
  const double angle = rng.chance(0.5) ? 0 : rad_from_deg(variation * rng.normal(0, 1.2));
  const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
  const auto mx = static_cast<float>(width / 2), my = static_cast<float>(height / 2);
  const auto x0 = static_cast<float>(left - width / 2), x1 = static_cast<float>(width / 2 - right);
  const auto y0 = static_cast<float>(top - height / 2),
             y1 = static_cast<float>(height / 2 - bottom);
  const float far = 1e6F;
  // An edge that was not moved must not cut the corners of the film if the field is rotated.
  const float lx = left > 0 ? x0 : -far, hx = right > 0 ? x1 : far;
  const float ly = top > 0 ? y0 : -far, hy = bottom > 0 ? y1 : far;
  const double soft_px = std::max(0.7, rng.uniform(0.1, 1.2) / paths.pixel_mm);
  const auto softness = static_cast<float>(1 / soft_px);
  const double style = rng.uniform();
  const auto shade =
      static_cast<float>(style < 0.72 ? 0.0 : (style < 0.9 ? 1.0 : rng.uniform(0.6, 0.95)));
  for (int y = 0; y < image.rows; ++y) {
    float* row = image.ptr<float>(y);
    auto* seen = open.ptr<std::uint8_t>(y);
    const float dy = static_cast<float>(y) + 0.5F - my;
    for (int x = 0; x < image.cols; ++x) {
      const float dx = static_cast<float>(x) + 0.5F - mx;
      const float u = c * dx + s * dy, w = c * dy - s * dx;
      const float inside = std::min(std::min(u - lx, hx - u), std::min(w - ly, hy - w));
      const float share = std::clamp(0.5F + inside * softness, 0.0F, 1.0F);
      row[x] = shade + share * (row[x] - shade);
      if (inside < 0) seen[x] = 0;
    }
  }
}

/// Blends an 8-bit stencil of writing into the image.
void blend(cv::Mat& image, const cv::Mat& stencil, cv::Point at, float value) {
  const cv::Rect box = cv::Rect(at, stencil.size()) & cv::Rect({0, 0}, image.size());
  for (int y = box.y; y < box.br().y; ++y) {
    const auto* cover = stencil.ptr<std::uint8_t>(y - at.y) - at.x;
    float* row = image.ptr<float>(y);
    for (int x = box.x; x < box.br().x; ++x) {
      const float share = static_cast<float>(cover[x]) / 255.0F;
      row[x] += share * (value - row[x]);
    }
  }
}

struct Writing {
  std::string text;
  double height_px;
  double weight;  ///< stroke width / letter height
  int font;
};

/// Stencil of a line of text, letters `height_px` high, drawn larger and shrunk where it is small.
cv::Mat stencil_of(const Writing& writing) {
  const int zoom = writing.height_px < 40 ? 4 : 1;
  const double scale = zoom * writing.height_px / 22.0;
  const int thickness =
      std::max(1, static_cast<int>(std::lround(zoom * writing.height_px * writing.weight)));
  int baseline = 0;
  const cv::Size text = cv::getTextSize(writing.text, writing.font, scale, thickness, &baseline);
  const int pad = thickness + zoom;
  const auto padded = [&](int v) { return (v + 2 * pad + zoom - 1) / zoom * zoom; };
  cv::Mat large = cv::Mat::zeros(padded(text.height + baseline), padded(text.width), CV_8UC1);
  cv::putText(large, writing.text, {pad, pad + text.height}, writing.font, scale, 255, thickness,
              cv::LINE_8);
  if (zoom == 1) return large;
  cv::Mat small;
  cv::resize(large, small, {large.cols / zoom, large.rows / zoom}, 0, 0, cv::INTER_AREA);
  return small;
}

/// A free position near the border for a mark of `size`.
cv::Point border_place(cv::Size film, cv::Size size, Rng& rng) {
  const int x_room = std::max(1, film.width - size.width),
            y_room = std::max(1, film.height - size.height);
  const double near = rng.uniform(0.01, 0.13), along = rng.uniform(0.02, 0.98);
  const int edge = rng.integer(0, 3);
  const double fx = edge == 0 ? near : (edge == 1 ? 1 - near : along);
  const double fy = edge == 2 ? near : (edge == 3 ? 1 - near : along);
  return {static_cast<int>(fx * x_room), static_cast<int>(fy * y_room)};
}

/// Millimetres of soft tissue under the middle of a box.
float tissue_under(const PathLengthProjections& paths, cv::Point at, cv::Size size) {
  const cv::Mat& soft = paths.length_mm[static_cast<std::size_t>(Material::soft)];
  const cv::Point middle(std::clamp(at.x + size.width / 2, 0, paths.structures.cols - 1),
                         std::clamp(at.y + size.height / 2, 0, paths.structures.rows - 1));
  return soft.empty() ? 0.0F : soft.at<float>(middle);
}

/// The same, mostly outside the patient, where technicians place markers.
cv::Point marker_place(const PathLengthProjections& paths, cv::Size size, Rng& rng) {
  cv::Point best = border_place(paths.structures.size(), size, rng);
  const int tries = rng.chance(0.25) ? 0 : 3;
  for (int i = 0; i < tries; ++i) {
    const cv::Point other = border_place(paths.structures.size(), size, rng);
    if (tissue_under(paths, other, size) < tissue_under(paths, best, size)) best = other;
  }
  return best;
}

void add_side_marker(cv::Mat& image, const PathLengthProjections& paths, Rng& rng) {
  static const std::array<const char*, 12> kTexts{"L", "R", "LT", "RT", "LT.",  "RT.",
                                                  "L", "R", "LL", "RL", "LEFT", "LAT"};
  Writing writing{kTexts[static_cast<std::size_t>(rng.integer(0, 11))],
                  rng.uniform(8, 20) / paths.pixel_mm, rng.uniform(0.08, 0.2),
                  rng.chance(0.8) ? cv::FONT_HERSHEY_SIMPLEX : cv::FONT_HERSHEY_DUPLEX};
  if (rng.chance(0.15)) writing.text += rng.chance(0.5) ? " 12" : " AK";
  cv::Mat stencil = stencil_of(writing);
  if (rng.chance(0.12)) cv::flip(stencil, stencil, 1);
  const bool boxed = rng.chance(0.35);
  const auto value = static_cast<float>(rng.uniform(0.8, 1.0));
  if (boxed) {  // dark letters on a white label
    const int pad = static_cast<int>(writing.height_px * rng.uniform(0.2, 0.6));
    cv::Mat label(stencil.rows + pad, stencil.cols + 2 * pad, CV_8UC1, cv::Scalar(255));
    const cv::Point at = marker_place(paths, label.size(), rng);
    blend(image, label, at, 1.0F);
    blend(image, stencil, {at.x + pad, at.y + pad / 2}, 0.0F);
  } else {
    blend(image, stencil, marker_place(paths, stencil.size(), rng), value);
  }
}

std::string digits(int count, Rng& rng) {
  std::string text;
  for (int i = 0; i < count; ++i) text += static_cast<char>('0' + rng.integer(0, 9));
  return text;
}

std::string fictitious_line(Rng& rng) {
  static const std::array<const char*, 8> kNames{"SAMPLE^ONE", "TEST^PATIENT", "DOE^JANE",
                                                 "DOE^JOHN",   "PHANTOM^A",    "SIM^CASE",
                                                 "ANON",       "NOMEN^NESCIO"};
  static const std::array<const char*, 8> kViews{
      "L-SPINE LAT", "LUMBAR LATERAL", "L SPINE LAT STAND", "LWS SEITL.", "LS LAT",
      "LATERAL",     "ERECT",          "STANDING"};
  switch (rng.integer(0, 6)) {
    case 0:
      return std::string(kNames[static_cast<std::size_t>(rng.integer(0, 7))]);
    case 1:
      return std::string(kViews[static_cast<std::size_t>(rng.integer(0, 7))]);
    case 2:
      return "ID " + digits(rng.integer(5, 8), rng);
    case 3:
      return "20" + digits(2, rng) + "-0" + digits(1, rng) + "-1" + digits(1, rng);
    case 4:
      return std::to_string(rng.integer(70, 110)) + " kV  " + std::to_string(rng.integer(8, 120)) +
             " mAs";
    case 5:
      return "SE " + digits(1, rng) + "  IM " + digits(1, rng);
    default:
      return "W " + digits(4, rng) + "  C " + digits(4, rng);
  }
}

void add_border_text(cv::Mat& image, const PathLengthProjections& paths, Rng& rng) {
  const double letter_px = rng.uniform(3.5, 8) / paths.pixel_mm;
  if (letter_px < 2.5) return;
  const int lines = rng.integer(1, 4);
  const bool right = rng.chance(0.5), low = rng.chance(0.5);
  const auto value = static_cast<float>(rng.uniform(0.7, 1.0));
  const double weight = rng.uniform(0.06, 0.14);
  const int gap = static_cast<int>(1.7 * letter_px), margin = static_cast<int>(letter_px);
  for (int i = 0; i < lines; ++i) {
    const cv::Mat stencil =
        stencil_of({fictitious_line(rng), letter_px, weight, cv::FONT_HERSHEY_SIMPLEX});
    const int x = right ? image.cols - margin - stencil.cols : margin;
    const int y = low ? image.rows - margin - (lines - i) * gap : margin + i * gap;
    blend(image, stencil, {x, y}, value);
  }
}

/// A faint pattern of an unsuppressed anti-scatter grid, or of banding.
void add_grid_lines(cv::Mat& image, const PathLengthProjections& paths, Rng& rng) {
  const double period_px = rng.uniform(0.5, 3.0) / paths.pixel_mm;
  const double height = rng.uniform(0.003, 0.015), phase = rng.uniform(0, 6.28);
  const bool vertical = rng.chance(0.7);
  if (period_px < 2.2) return;
  const int count = vertical ? image.cols : image.rows;
  std::vector<float> wave(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    wave[static_cast<std::size_t>(i)] =
        static_cast<float>(height * std::sin(2 * kPi * i / period_px + phase));
  }
  for (int y = 0; y < image.rows; ++y) {
    float* row = image.ptr<float>(y);
    for (int x = 0; x < image.cols; ++x) {
      if (row[x] > 0) row[x] += wave[static_cast<std::size_t>(vertical ? x : y)];
    }
  }
}

/// Rows of the orthonormal 8-point cosine transform.
std::array<std::array<float, 8>, 8> cosine_rows() {
  std::array<std::array<float, 8>, 8> rows{};
  for (int k = 0; k < 8; ++k) {
    for (int i = 0; i < 8; ++i) {
      rows[static_cast<std::size_t>(k)][static_cast<std::size_t>(i)] = static_cast<float>(
          (k == 0 ? std::sqrt(0.125) : 0.5) * std::cos(kPi * (2 * i + 1) * k / 16));
    }
  }
  return rows;
}

}  // namespace

void compress_like_jpeg(cv::Mat& image, int quality) {
  // ITU-T T.81, table K.1, and the usual scaling by quality.
  static constexpr std::array<int, 64> kLuminance{
      16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
      14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
      18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  std::array<float, 64> step{};
  for (std::size_t i = 0; i < 64; ++i) {
    step[i] = static_cast<float>(std::clamp((kLuminance[i] * scale + 50) / 100, 1, 255)) / 255.0F;
  }
  const auto rows = cosine_rows();
  for (int by = 0; by + 8 <= image.rows; by += 8) {
    for (int bx = 0; bx + 8 <= image.cols; bx += 8) {
      float block[8][8], half[8][8];
      for (int y = 0; y < 8; ++y) std::copy_n(image.ptr<float>(by + y) + bx, 8, block[y]);
      for (std::size_t k = 0; k < 8; ++k) {  // columns
        for (int x = 0; x < 8; ++x) half[k][x] = 0;
        for (std::size_t y = 0; y < 8; ++y) {
          for (int x = 0; x < 8; ++x) half[k][x] += rows[k][y] * block[y][x];
        }
      }
      for (std::size_t k = 0; k < 8; ++k) {  // rows, and rounding
        for (std::size_t j = 0; j < 8; ++j) {
          float sum = 0;
          for (std::size_t x = 0; x < 8; ++x) sum += rows[j][x] * half[k][x];
          const float q = step[8 * k + j];
          block[k][j] = std::floor(sum / q + 0.5F) * q;
        }
      }
      for (std::size_t k = 0; k < 8; ++k) {
        for (int x = 0; x < 8; ++x) half[k][x] = 0;
        for (std::size_t j = 0; j < 8; ++j) {
          for (std::size_t x = 0; x < 8; ++x) half[k][x] += rows[j][x] * block[k][j];
        }
      }
      for (std::size_t y = 0; y < 8; ++y) {
        float* out = image.ptr<float>(by + static_cast<int>(y)) + bx;
        for (int x = 0; x < 8; ++x) out[x] = 0;
        for (std::size_t k = 0; k < 8; ++k) {
          for (int x = 0; x < 8; ++x) out[x] += rows[k][y] * half[k][x];
        }
      }
    }
  }
}

cv::Mat add_film_marks(cv::Mat& image, const PathLengthProjections& paths,
                       const MarkOptions& options, Rng& rng) {
  cv::Mat open(image.size(), CV_8UC1, cv::Scalar(255));
  const double v = options.variation;
  Rng field = rng.split("collimation"), side = rng.split("side"), text = rng.split("text");
  Rng grid = rng.split("grid"), jpeg = rng.split("jpeg");
  if (grid.chance(0.06 * v)) add_grid_lines(image, paths, grid);
  if (options.collimation && field.chance(0.3 * std::min(1.0, v))) {
    collimate(image, paths, v, field, open);
  }
  if (options.markers) {
    const int count = side.chance(0.75) ? 1 : (side.chance(0.5) ? 2 : 0);
    for (int i = 0; i < count; ++i) add_side_marker(image, paths, side);
    if (text.chance(0.3)) add_border_text(image, paths, text);
  }
  if (jpeg.chance(0.25 * v)) compress_like_jpeg(image, jpeg.integer(55, 95));
  return open;
}

}  // namespace spine::sim
