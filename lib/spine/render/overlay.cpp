#include "spine/render/overlay.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/render/angle_constructions.h"
#include "spine/render/canvas.h"
#include "spine/render/mask_contours.h"
#include "spine/render/value_table.h"

namespace spine {
namespace {

/// Converts a film to 8 bits; 16-bit films are stretched, since few use the full range.
cv::Mat film_for_display(const Image& film) {
  const cv::Mat& pixels = film.pixels();
  if (pixels.depth() == CV_8U) return pixels;
  constexpr int kBins = 4096;
  constexpr int kBinWidth = 65536 / kBins;
  std::vector<std::size_t> histogram(kBins, 0);
  std::size_t total = 0;
  const int step = std::max(1, std::max(pixels.rows, pixels.cols) / 1000);
  for (int y = 0; y < pixels.rows; y += step) {
    const auto* row = pixels.ptr<std::uint16_t>(y);
    for (int x = 0; x < pixels.cols; x += step, ++total) ++histogram[row[x] / kBinWidth];
  }
  const auto level_of = [&](double fraction) {
    const auto wanted = static_cast<std::size_t>(fraction * static_cast<double>(total));
    std::size_t seen = 0;
    for (int bin = 0; bin < kBins; ++bin) {
      seen += histogram[static_cast<std::size_t>(bin)];
      if (seen > wanted) return static_cast<double>(bin * kBinWidth);
    }
    return 65535.0;
  };
  const double low = level_of(0.001);
  const double high = std::max(level_of(0.999) + kBinWidth, low + 1);
  cv::Mat display;
  pixels.convertTo(display, CV_8U, 255.0 / (high - low), -255.0 * low / (high - low));
  return display;
}

cv::Point2d center_of(const VertebraCorners& v) {
  return (midpoint(v.sup) + midpoint(v.inf)) * 0.5;
}

void draw_endplate(Canvas& canvas, const Endplate& e, const cv::Scalar& color) {
  canvas.rimmed_line(e.post, e.ant, color, 1.8);
  canvas.dot(e.post, color, 2.6);
  canvas.dot(e.ant, kWhite, 2.6);
}

/// Contour of a head; an ellipse if pixels are not square.
std::vector<cv::Point2d> head_outline(const FemoralHead& head, const Image& film) {
  const auto& spacing = film.info().spacing;
  const double ratio = spacing ? spacing->col_mm / spacing->row_mm : 1.0;
  std::vector<cv::Point2d> points;
  for (int deg = 0; deg < 360; deg += 5) {
    const double rad = rad_from_deg(deg);
    points.push_back(head.center +
                     cv::Point2d(head.radius * std::cos(rad), head.radius * ratio * std::sin(rad)));
  }
  return points;
}

void draw_names(Canvas& canvas, const MaskStack* masks, const Landmarks& landmarks) {
  constexpr double kHeight = 17;
  for (const Structure s : kStructures) {
    const std::string name(to_string(s));
    std::optional<cv::Point2d> place;
    const auto i = index(s);
    if (i < kLumbarCount && landmarks.vertebrae[i]) place = center_of(*landmarks.vertebrae[i]);
    if (i > index(Structure::S) && i - index(Structure::F1) < landmarks.femoral_heads.size()) {
      const auto& head = landmarks.femoral_heads[i - index(Structure::F1)];
      // Labels outside the heads, F1 above and anterior, F2 below and posterior, since heads often
      // overlap.
      const double front = landmarks.anterior == Side::left ? -1 : 1;
      const double away = 0.75 * head.radius + canvas.px(12);
      const double sign = s == Structure::F1 ? 1 : -1;
      place = head.center + cv::Point2d(sign * front * away, -sign * away);
    }
    if (!place && masks != nullptr && masks->has(s)) {
      const auto [box, mask] = masks->crop(s);
      const auto moments = cv::moments(mask, true);
      place =
          cv::Point2d(box.tl()) + cv::Point2d(moments.m10 / moments.m00, moments.m01 / moments.m00);
    }
    if (place) canvas.centered_text(name, *place, bgr(s), kHeight);
  }
}

}  // namespace

cv::Mat draw_overlay(const Image& film, const MaskStack* masks, const Landmarks& landmarks,
                     const Measurements& measurements) {
  if (masks != nullptr && masks->size() != film.size()) {
    throw Error(ErrorKind::internal, "overlay: masks and film differ in size");
  }
  const cv::Mat film8 = film_for_display(film);
  cv::Mat image;
  cv::cvtColor(film8, image, cv::COLOR_GRAY2BGR);
  Canvas canvas(image);

  if (masks != nullptr) draw_masks(canvas, *masks);
  for (std::size_t i = 0; i < landmarks.femoral_heads.size(); ++i) {
    const auto color = bgr(i == 0 ? Structure::F1 : Structure::F2);
    canvas.rimmed_polyline(head_outline(landmarks.femoral_heads[i], film), true, color, 1.6);
  }
  draw_angle_constructions(canvas, film, landmarks, measurements);
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (const auto& v = landmarks.vertebrae[i]) {
      draw_endplate(canvas, v->sup, bgr(kStructures[i]));
      draw_endplate(canvas, v->inf, bgr(kStructures[i]));
    }
  }
  if (landmarks.s1) draw_endplate(canvas, *landmarks.s1, bgr(Structure::S));
  draw_names(canvas, masks, landmarks);
  draw_table(canvas, film8, measurements);
  return image;
}

}  // namespace spine
