#include "spine/render/overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/io/mask_io.h"

namespace spine {
namespace {

constexpr int kShift = 4;  // fractional bits of OpenCV's drawing coordinates
constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;

const cv::Scalar kDark(16, 16, 16);
const cv::Scalar kWhite(255, 255, 255);
const cv::Scalar kGrey(170, 170, 170);
const cv::Scalar kWarning(60, 170, 255);
const cv::Scalar kPiColor(140, 255, 140);
const cv::Scalar kPtColor(80, 190, 255);
const cv::Scalar kSsColor(255, 220, 110);
const cv::Scalar kLlColor(255, 150, 255);

cv::Scalar bgr(Structure s) {
  const auto c = structure_color(s);
  return {static_cast<double>(c[2]), static_cast<double>(c[1]), static_cast<double>(c[0])};
}

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

/// Drawing surface with sub-pixel positions and sizes relative to the film.
class Canvas {
 public:
  explicit Canvas(cv::Mat image)
      : image_(std::move(image)), unit_(std::hypot(image_.cols, image_.rows) / 1600.0) {}

  [[nodiscard]] cv::Mat& image() { return image_; }
  /// Converts a length designed for a film with a diagonal of 1,600 pixels to film pixels.
  [[nodiscard]] double px(double length) const { return length * unit_; }
  [[nodiscard]] int width(double length) const {
    return std::max(1, static_cast<int>(std::lround(px(length))));
  }

  void line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
    cv::line(image_, fixed(a), fixed(b), color, width(thickness), cv::LINE_AA, kShift);
  }
  /// Line with a dark border, to stand out on bright bone.
  void rimmed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
    line(a, b, kDark, thickness + 1.5);
    line(a, b, color, thickness);
  }
  void dashed_line(cv::Point2d a, cv::Point2d b, const cv::Scalar& color, double thickness) {
    const double length = cv::norm(b - a);
    // Limits the number of dashes for lines that extend far beyond the film.
    const double dash = std::max({px(9), 3.0, length / 400});
    if (!(length > 0)) return;
    const cv::Point2d step = (b - a) * (dash / length);
    for (int i = 0; i * dash < length; i += 2) {
      const cv::Point2d from = a + step * i;
      const cv::Point2d to = (i + 1) * dash < length ? a + step * (i + 1) : b;
      rimmed_line(from, to, color, thickness);
    }
  }
  void polyline(const std::vector<cv::Point2d>& points, bool closed, const cv::Scalar& color,
                double thickness) {
    std::vector<cv::Point> fixed_points;
    for (const auto& p : points) fixed_points.push_back(fixed(p));
    if (fixed_points.size() < 2) return;
    cv::polylines(image_, fixed_points, closed, color, width(thickness), cv::LINE_AA, kShift);
  }
  void rimmed_polyline(const std::vector<cv::Point2d>& points, bool closed, const cv::Scalar& color,
                       double thickness) {
    polyline(points, closed, kDark, thickness + 1.5);
    polyline(points, closed, color, thickness);
  }
  void dot(cv::Point2d center, const cv::Scalar& color, double radius) {
    disc(center, kDark, px(radius) + px(1));
    disc(center, color, px(radius));
  }

  [[nodiscard]] cv::Size2d text_size(const std::string& text, double height) const {
    int baseline = 0;
    const double scale = font_scale(height);
    const auto [plain, degree] = split_degree(text);
    const auto size = cv::getTextSize(plain, kFont, scale, stroke(height), &baseline);
    return {size.width + (degree ? px(height) * 0.45 : 0.0), px(height)};
  }
  /// Draws text. `height` is that of capitals; `origin` the left end of the base line. A trailing
  /// degree sign is drawn as a ring, since OpenCV's fonts lack it.
  void text(const std::string& words, cv::Point2d origin, const cv::Scalar& color, double height) {
    const auto [plain, degree] = split_degree(words);
    const double scale = font_scale(height);
    const cv::Point at(cvRound(origin.x), cvRound(origin.y));
    int baseline = 0;
    const auto size = cv::getTextSize(plain, kFont, scale, stroke(height), &baseline);
    const cv::Point ring(cvRound(at.x + size.width + px(height) * 0.2),
                         cvRound(at.y - px(height) * 0.85));
    const int ring_radius = std::max(1, cvRound(px(height) * 0.14));
    for (const bool rim : {true, false}) {
      const int thickness = stroke(height) + (rim ? 2 * width(1.2) : 0);
      const cv::Scalar& ink = rim ? kDark : color;
      cv::putText(image_, plain, at, kFont, scale, ink, thickness, cv::LINE_AA);
      if (degree) cv::circle(image_, ring, ring_radius, ink, thickness, cv::LINE_AA);
    }
  }
  /// Draws text centred on `center`, shifted to stay inside the film.
  void centered_text(const std::string& words, cv::Point2d center, const cv::Scalar& color,
                     double height) {
    const auto size = text_size(words, height);
    const double margin = px(4);
    cv::Point2d origin(center.x - size.width / 2, center.y + size.height / 2);
    origin.x = std::clamp(origin.x, margin, std::max(margin, image_.cols - size.width - margin));
    origin.y = std::clamp(origin.y, size.height + margin,
                          std::max(size.height + margin, image_.rows - margin));
    text(words, origin, color, height);
  }

 private:
  static cv::Point fixed(cv::Point2d p) {
    // Clamp: positions far outside the film are irrelevant, but integers must not overflow.
    const auto coordinate = [](double v) {
      constexpr double kFar = 1e6;
      return cvRound(std::clamp(std::isfinite(v) ? v : -kFar, -kFar, kFar) * (1 << kShift));
    };
    return {coordinate(p.x), coordinate(p.y)};
  }
  static std::pair<std::string, bool> split_degree(const std::string& words) {
    static const std::string kDegree = "\u00b0";
    if (words.ends_with(kDegree)) return {words.substr(0, words.size() - kDegree.size()), true};
    return {words, false};
  }
  void disc(cv::Point2d center, const cv::Scalar& color, double radius_px) {
    const int radius = std::max(1 << kShift, cvRound(radius_px * (1 << kShift)));
    cv::circle(image_, fixed(center), radius, color, cv::FILLED, cv::LINE_AA, kShift);
  }
  /// Capitals of this font are 21 pixels high at scale 1.
  [[nodiscard]] double font_scale(double height) const { return std::max(px(height), 7.0) / 21.0; }
  [[nodiscard]] int stroke(double height) const { return width(height / 10.0); }

  cv::Mat image_;
  double unit_;
};

/// Smooths the pixel steps of a contour and simplifies it within `tolerance` pixels.
std::vector<cv::Point2d> smooth_outline(const std::vector<cv::Point>& contour, int reach,
                                        double tolerance) {
  const auto n = static_cast<int>(contour.size());
  if (n < 8 * reach) return {contour.begin(), contour.end()};
  std::vector<cv::Point2f> smooth(contour.size());
  for (int i = 0; i < n; ++i) {
    cv::Point2d sum(0, 0);
    for (int k = -reach; k <= reach; ++k) {
      sum += cv::Point2d(contour[static_cast<std::size_t>((i + k + n) % n)]);
    }
    smooth[static_cast<std::size_t>(i)] = sum * (1.0 / (2 * reach + 1));
  }
  std::vector<cv::Point2f> few;
  cv::approxPolyDP(smooth, few, tolerance, true);
  return {few.begin(), few.end()};
}

void tint(cv::Mat image, const cv::Mat& mask, const cv::Scalar& color) {
  constexpr int kShare = 26;  // of 256
  const std::array<int, 3> ink{cvRound(color[0]), cvRound(color[1]), cvRound(color[2])};
  for (int y = 0; y < image.rows; ++y) {
    auto* pixel = image.ptr<cv::Vec3b>(y);
    const auto* inside = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < image.cols; ++x) {
      if (inside[x] == 0) continue;
      for (int c = 0; c < 3; ++c) {
        const int value = pixel[x][c] * (256 - kShare) + ink[static_cast<std::size_t>(c)] * kShare;
        pixel[x][c] = static_cast<std::uint8_t>(value >> 8);
      }
    }
  }
}

void draw_masks(Canvas& canvas, const MaskStack& masks) {
  for (const Structure s : kStructures) {
    const auto [box, mask] = masks.crop(s);
    if (box.empty()) continue;
    tint(canvas.image()(box), mask, bgr(s));
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(mask, contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE, box.tl());
    for (const auto& contour : contours) {
      canvas.polyline(smooth_outline(contour, canvas.width(1.0), std::max(0.3, canvas.px(0.3))),
                      true, bgr(s), 1.3);
    }
  }
}

cv::Point2d middle(const Endplate& e) { return (e.post + e.ant) * 0.5; }

cv::Point2d center_of(const VertebraCorners& v) { return (middle(v.sup) + middle(v.inf)) * 0.5; }

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

std::string value_text(const Measurement* m) {
  if (m == nullptr || !m->value) return "n/a";
  std::array<char, 64> number{};
  std::snprintf(number.data(), number.size(), "%.1f", *m->value);
  std::string text = number.data();
  if (text == "-0.0") text = "0.0";
  if (m->unit == "deg") return text + "\u00b0";
  return m->unit.empty() || m->unit == "ratio" ? text : text + " " + m->unit;
}

/// Construction lines and arcs of the pelvic angles and lordosis. Directions are computed in the
/// anatomical frame, where angles are correct also with non-square pixels.
class Construction {
 public:
  Construction(Canvas& canvas, const Image& film, const Landmarks& landmarks,
               const Measurements& measurements)
      : canvas_(canvas),
        frame_(landmarks.anterior, film.info().spacing),
        landmarks_(landmarks),
        measurements_(measurements) {
    if (!landmarks.femoral_heads.empty()) {
      cv::Point2d sum(0, 0);
      for (const auto& head : landmarks.femoral_heads) sum += head.center;
      hip_ =
          frame_.to_anatomical(sum * (1.0 / static_cast<double>(landmarks.femoral_heads.size())));
    }
    if (landmarks.s1) {
      s1_post_ = frame_.to_anatomical(landmarks.s1->post);
      s1_ant_ = frame_.to_anatomical(landmarks.s1->ant);
      s1_length_ = cv::norm(s1_ant_ - s1_post_);
    }
  }

  void draw() {
    if (has_s1()) {
      draw_sacral_slope();
      if (hip_) draw_pelvis();
      draw_lordosis();
    }
    if (hip_) draw_hip_axis();
  }

 private:
  [[nodiscard]] bool has_s1() const { return landmarks_.s1 && s1_length_ > 0; }
  [[nodiscard]] cv::Point2d film_point(cv::Point2d p) const { return frame_.to_film(p); }
  void ray(cv::Point2d from, cv::Point2d to, const cv::Scalar& color) {
    canvas_.dashed_line(film_point(from), film_point(to), color, 1.1);
  }
  /// Draws the shorter arc between two directions, with the value beyond its middle.
  void arc(cv::Point2d vertex, cv::Point2d from, cv::Point2d to, double radius,
           const std::string& name, const cv::Scalar& color) {
    const double start = std::atan2(from.y, from.x);
    const double sweep = rad_from_deg(angle_between_deg(from, to));
    constexpr int kSteps = 24;
    std::vector<cv::Point2d> points;
    for (int i = 0; i <= kSteps; ++i) {
      const double angle = start + sweep * i / kSteps;
      points.push_back(film_point(vertex + radius * cv::Point2d(std::cos(angle), std::sin(angle))));
    }
    canvas_.rimmed_polyline(points, false, color, 1.4);
    const double mid = start + sweep / 2;
    const std::string words = label(name);
    const cv::Point2d vertex_px = film_point(vertex);
    cv::Point2d outward =
        film_point(vertex + cv::Point2d(std::cos(mid), std::sin(mid))) - vertex_px;
    outward *= 1.0 / std::max(1e-9, cv::norm(outward));
    const auto size = canvas_.text_size(words, kLabelHeight);
    const double gap = canvas_.px(6) + std::abs(outward.x) * size.width / 2 +
                       std::abs(outward.y) * size.height / 2;
    canvas_.centered_text(words, points[kSteps / 2] + outward * gap, color, kLabelHeight);
  }
  [[nodiscard]] std::string label(const std::string& name) const {
    return name + " " + value_text(measurements_.find(name));
  }

  void draw_sacral_slope() {
    const cv::Point2d back = (s1_post_ - s1_ant_) * (1.0 / s1_length_);
    const double reach = s1_length_ * 1.25;
    const cv::Point2d level(-1, 0);
    ray(s1_post_, s1_post_ + back * reach, kSsColor);
    ray(s1_post_, s1_post_ + level * reach, kSsColor);
    arc(s1_post_, level, back, s1_length_ * 0.95, "SS", kSsColor);
  }

  void draw_pelvis() {
    const cv::Point2d center = (s1_post_ + s1_ant_) * 0.5;
    const cv::Point2d along = (s1_ant_ - s1_post_) * (1.0 / s1_length_);
    const cv::Point2d normal(along.y, -along.x);  // caudal, since x is anterior and y up
    const cv::Point2d to_hip = *hip_ - center;
    const double distance = cv::norm(to_hip);
    if (!(distance > 0)) return;
    const double reach = std::min(distance * 0.75, s1_length_ * 1.6);
    ray(center, center + normal * reach, kPiColor);
    canvas_.rimmed_line(film_point(center), film_point(*hip_), kPiColor, 1.1);
    arc(center, normal, to_hip, reach * 0.7, "PI", kPiColor);
    const cv::Point2d up(0, 1);
    ray(*hip_, *hip_ + up * distance, kPtColor);
    arc(*hip_, up, -to_hip, distance * 0.55, "PT", kPtColor);
    canvas_.dot(film_point(center), kPiColor, 3);
  }

  void draw_hip_axis() {
    if (landmarks_.femoral_heads.size() == 2) {
      canvas_.rimmed_line(landmarks_.femoral_heads[0].center, landmarks_.femoral_heads[1].center,
                          kPtColor, 1.0);
    }
    canvas_.dot(film_point(*hip_), kPtColor, 3.5);
  }

  /// Draws the L1 and S1 endplates extended posteriorly, where they meet in a lordotic spine.
  void draw_lordosis() {
    if (!landmarks_.vertebrae[0]) return;
    const cv::Point2d l1_post = frame_.to_anatomical(landmarks_.vertebrae[0]->sup.post);
    const cv::Point2d l1_ant = frame_.to_anatomical(landmarks_.vertebrae[0]->sup.ant);
    const double l1_length = cv::norm(l1_post - l1_ant);
    if (!(l1_length > 0)) return;
    const cv::Point2d back = (l1_post - l1_ant) * (1.0 / l1_length);
    const cv::Point2d s1_back = (s1_post_ - s1_ant_) * (1.0 / s1_length_);
    const auto crossing = intersect({l1_post, back}, {s1_post_, s1_back});
    const double longest = s1_length_ * 2.6;
    const auto behind = [&](cv::Point2d from, cv::Point2d direction) {
      return crossing ? (*crossing - from).dot(direction) : -1.0;
    };
    const double from_l1 = behind(l1_post, back);
    const double from_s1 = behind(s1_post_, s1_back);
    const bool meets = from_l1 > 0 && from_s1 > 0 && from_l1 < longest && from_s1 < longest;
    if (meets) {
      ray(l1_post, *crossing, kLlColor);
      ray(s1_post_, *crossing, kLlColor);
      arc(*crossing, -back, -s1_back, std::min(from_l1, from_s1) * 0.5, "LL", kLlColor);
      return;
    }
    const double reach = s1_length_ * 1.25;
    ray(l1_post, l1_post + back * reach, kLlColor);
    const cv::Point2d halfway = (l1_post + s1_post_) * 0.5 + cv::Point2d(-1.45 * s1_length_, 0);
    // If S1's line is already drawn for the sacral slope, a bracket marks the angle.
    canvas_.centered_text(label("LL"), film_point(halfway), kLlColor, kLabelHeight);
    const cv::Point2d top = l1_post + back * reach * 0.9;
    const cv::Point2d bottom = s1_post_ + s1_back * reach * 0.9;
    const double gap = 0.14 * cv::norm(top - bottom);
    const cv::Point2d down =
        (bottom - halfway) * (1.0 / std::max(1e-9, cv::norm(bottom - halfway)));
    const cv::Point2d rise = (top - halfway) * (1.0 / std::max(1e-9, cv::norm(top - halfway)));
    ray(halfway + rise * gap, top, kLlColor);
    ray(halfway + down * gap, bottom, kLlColor);
  }

  static constexpr double kLabelHeight = 13;

  Canvas& canvas_;
  AnatomicalFrame frame_;
  const Landmarks& landmarks_;
  const Measurements& measurements_;
  std::optional<cv::Point2d> hip_;
  cv::Point2d s1_post_, s1_ant_;
  double s1_length_ = 0;
};

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

struct TableRow {
  std::string name, value;
  cv::Scalar color;
};

std::vector<TableRow> table_rows(const Measurements& measurements) {
  std::vector<TableRow> rows;
  const auto add = [&](const std::string& title, const Measurement* m, const cv::Scalar& color) {
    rows.push_back({title, value_text(m), m != nullptr && m->value ? color : kGrey});
  };
  add("PI", measurements.find("PI"), kPiColor);
  add("PT", measurements.find("PT"), kPtColor);
  add("SS", measurements.find("SS"), kSsColor);
  add("LL", measurements.find("LL"), kLlColor);
  add("PI-LL", measurements.find("PI_LL"), kWhite);
  for (const auto& m : measurements.values) {
    const std::string prefix = "angle_";
    if (m.name.starts_with(prefix)) add(m.name.substr(prefix.size()), &m, kWhite);
  }
  constexpr std::size_t kMostFlags = 3;
  for (std::size_t i = 0; i < std::min(kMostFlags, measurements.qc.size()); ++i) {
    rows.push_back({"! " + measurements.qc[i], "", kWarning});
  }
  return rows;
}

/// Amount of content in a part of the film: edges, and above all drawn elements.
double content(const cv::Mat& film, const cv::Mat& image) {
  constexpr int kReduce = 8;
  constexpr double kDrawnWeight = 20;
  const cv::Size small(std::max(1, film.cols / kReduce), std::max(1, film.rows / kReduce));
  cv::Mat small_film, small_image, drawn;
  cv::resize(film, small_film, small, 0, 0, cv::INTER_AREA);
  cv::resize(image, small_image, small, 0, 0, cv::INTER_AREA);
  cv::Mat channels[3];
  cv::split(small_image, channels);
  cv::absdiff(channels[0], channels[2], drawn);  // drawn elements are coloured, the film is grey
  cv::Scalar mean, deviation;
  cv::meanStdDev(small_film, mean, deviation);
  return deviation[0] + mean[0] / 4 + kDrawnWeight * cv::mean(drawn)[0];
}

void draw_table(Canvas& canvas, const cv::Mat& film8, const Measurements& measurements) {
  constexpr double kHeight = 15;
  constexpr double kRowHeight = 26;
  constexpr double kPadding = 12;
  const auto rows = table_rows(measurements);
  double name_width = 0;
  double value_width = 0;
  for (const auto& row : rows) {
    const double width = canvas.text_size(row.name, kHeight).width;
    if (!row.value.empty()) name_width = std::max(name_width, width);
    value_width = std::max(value_width, canvas.text_size(row.value, kHeight).width);
  }
  double width = name_width + canvas.px(18) + value_width;
  for (const auto& row : rows) width = std::max(width, canvas.text_size(row.name, kHeight).width);
  cv::Mat& image = canvas.image();
  const double row_height = std::max(canvas.px(kRowHeight), 13.0);
  const cv::Size size(std::min(image.cols, cvCeil(width + 2 * canvas.px(kPadding))),
                      std::min(image.rows, cvCeil(row_height * static_cast<double>(rows.size()) +
                                                  canvas.px(kPadding))));

  cv::Rect best;
  double least = 0;
  const int margin = canvas.width(10);
  for (const bool bottom : {false, true}) {
    for (const bool right : {false, true}) {
      cv::Rect box(right ? image.cols - size.width - margin : margin,
                   bottom ? image.rows - size.height - margin : margin, size.width, size.height);
      box &= cv::Rect(0, 0, image.cols, image.rows);
      if (box.empty()) continue;
      const double here = content(film8(box), image(box));
      if (best.empty() || here < least) {
        best = box;
        least = here;
      }
    }
  }
  if (best.empty()) return;
  cv::Mat panel = image(best);
  panel.convertTo(panel, -1, 0.28, 6);
  double base = best.y + canvas.px(kPadding) / 2 + (row_height + canvas.px(kHeight)) / 2;
  for (const auto& row : rows) {
    const double left = best.x + canvas.px(kPadding);
    canvas.text(row.name, {left, base}, row.color, kHeight);
    const double shift =
        best.width - 2 * canvas.px(kPadding) - canvas.text_size(row.value, kHeight).width;
    if (!row.value.empty()) canvas.text(row.value, {left + shift, base}, row.color, kHeight);
    base += row_height;
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
  Construction(canvas, film, landmarks, measurements).draw();
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
