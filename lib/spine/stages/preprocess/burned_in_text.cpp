#include "spine/stages/preprocess/burned_in_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <tuple>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "spine/core/statistics.h"

namespace spine {
namespace {

/// Films are processed in 8 bits and at most at this length, px.
constexpr int kLongestSide = 2000;
// A glyph's size, as a share of the film's longer side.
constexpr double kSmallestGlyph = 0.003, kLargestGlyph = 0.05;
/// Grey values within this distance of the darkest or brightest value, of 255, may be ink at any
/// stroke width.
constexpr int kExtremeRange = 24;
/// Strokes up to this share of the longer side are also found by their contrast to the background,
/// at several thresholds: a low one for faint ink, and high ones at which the blurred pixels
/// between the letters of small text do not join them.
constexpr double kStroke = 0.01;
constexpr std::array kThinContrasts{50, 110, 200};
/// Greatest difference in grey value between neighbouring glyphs of a line, of 255.
constexpr int kInkTolerance = 24;
constexpr std::size_t kFewestGlyphs = 3;
constexpr int kMostGlyphs = 4000;

/// The median of the pixels around a box, one pixel outside of it.
double rim_median(const cv::Mat& grey, const cv::Rect& box) {
  const cv::Rect outer =
      cv::Rect(box.x - 1, box.y - 1, box.width + 2, box.height + 2) & cv::Rect({0, 0}, grey.size());
  cv::Mat values;
  grey(outer).convertTo(values, CV_32F);
  std::vector<float> rim;
  for (int y = 0; y < outer.height; ++y) {
    for (int x = 0; x < outer.width; ++x) {
      if (!box.contains({outer.x + x, outer.y + y})) rim.push_back(values.at<float>(y, x));
    }
  }
  return median(rim);
}

/// Contrast of thin strokes to their background; 255 where ink may be of any width.
cv::Mat stroke_contrasts(const cv::Mat& grey) {
  const int width = std::max(5, static_cast<int>(kStroke * std::max(grey.rows, grey.cols)) | 1);
  cv::Mat thin;
  cv::morphologyEx(grey, thin, cv::MORPH_TOPHAT,
                   cv::getStructuringElement(cv::MORPH_RECT, {width, width}));
  return cv::max(thin, grey >= 255 - kExtremeRange);
}

struct Glyph {
  cv::Rect box;
  int ink;        ///< its brightest value
  double ground;  ///< median around its box
  [[nodiscard]] double contrast() const { return ink - ground; }
};

/// Candidates for bright glyphs: components of plausible size and contrast to their background.
/// @param pieces  CV_8UC1, nonzero where ink may be
std::vector<Glyph> glyphs(const cv::Mat& grey, const cv::Mat& pieces) {
  std::vector<std::vector<cv::Point>> outlines;
  std::vector<cv::Vec4i> nesting;
  cv::findContours(pieces, outlines, nesting, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  const double side = std::max(grey.rows, grey.cols);
  std::vector<Glyph> found;
  for (std::size_t i = 0; i < outlines.size(); ++i) {
    if (nesting[i][3] >= 0) continue;  // a hole
    const cv::Rect box = cv::boundingRect(outlines[i]);
    const int longer = std::max(box.width, box.height);
    if (longer < kSmallestGlyph * side || longer > kLargestGlyph * side) continue;
    double ink = 0;
    cv::minMaxLoc(grey(box), nullptr, &ink);
    const Glyph glyph{box, static_cast<int>(ink), rim_median(grey, box)};
    if (glyph.contrast() >= kThinContrasts.front()) found.push_back(glyph);
  }
  // Such a number is mostly noise; text is among the larger ones.
  if (found.size() > kMostGlyphs) {
    std::nth_element(found.begin(), found.begin() + kMostGlyphs, found.end(),
                     [](const Glyph& a, const Glyph& b) { return a.box.area() > b.box.area(); });
    found.resize(kMostGlyphs);
  }
  return found;
}

/// Extent of a box along a line and across it.
struct Span {
  int start, end, low, high;
};

Span span_of(const cv::Rect& box, bool rows) {
  return rows ? Span{box.x, box.br().x, box.y, box.br().y}
              : Span{box.y, box.br().y, box.x, box.br().x};
}

/// Whether two glyphs may belong to one word or to adjacent words. Hyphens count as glyphs.
bool are_neighbours(const Glyph& first, const Glyph& second, bool rows) {
  if (std::abs(first.ink - second.ink) > kInkTolerance) return false;
  const Span a = span_of(first.box, rows), b = span_of(second.box, rows);
  const int height_a = a.high - a.low, height_b = b.high - b.low;
  const int size_a = std::max(height_a, a.end - a.start),
            size_b = std::max(height_b, b.end - b.start);
  const int overlap = std::min(a.high, b.high) - std::max(a.low, b.low);
  const int gap = std::max(a.start, b.start) - std::min(a.end, b.end);
  const bool alike = 2.5 * std::min(size_a, size_b) >= std::max(size_a, size_b);
  return alike && overlap >= 0.4 * std::min(height_a, height_b) &&
         gap <= 1.5 * std::max(height_a, height_b);
}

/// A row or column of glyphs.
struct Line {
  cv::Rect box;
  std::vector<Glyph> glyphs;
};

/// The greatest number of glyphs of a line with a common baseline and height.
std::size_t count_aligned(const Line& line, bool rows) {
  std::vector<Span> spans;
  for (const Glyph& glyph : line.glyphs) spans.push_back(span_of(glyph.box, rows));
  std::size_t most = 0;
  for (const Span& first : spans) {
    const int slack = 1 + (first.high - first.low) / 8;
    const auto aligned = std::count_if(spans.begin(), spans.end(), [&](const Span& other) {
      return std::abs(other.low - first.low) <= slack && std::abs(other.high - first.high) <= slack;
    });
    most = std::max(most, static_cast<std::size_t>(aligned));
  }
  return most;
}

/// Whether at least three glyphs, and at least half of them, are aligned as those of a text are.
bool is_aligned(const Line& line, bool rows) {
  const std::size_t most = count_aligned(line, rows);
  return most >= kFewestGlyphs && 2 * most >= line.glyphs.size();
}

/// The median of a picture's values where a mask is not 0; 0 where it is 0 everywhere. By
/// histogram, as a picture has many pixels and 256 grey values.
/// @param picture  CV_8UC1
double masked_median(const cv::Mat& picture, const cv::Mat& mask) {
  std::array<int, 256> counts{};
  int all = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      if (mask.at<std::uint8_t>(y, x) == 0) continue;
      ++counts[picture.at<std::uint8_t>(y, x)];
      ++all;
    }
  }
  if (all == 0) return 0;
  int value = 0;
  for (int below = counts[0]; 2 * below <= all; below += counts[static_cast<std::size_t>(value)]) {
    ++value;
  }
  return value;
}

/// Features that distinguish ink from grain: strokes of ink have an even grey value, sharp edges
/// and a background that varies far less.
struct Print {
  double contrast;   ///< of the glyphs, against the standard deviation of the ground's noise
  double evenness;   ///< the strokes' median contrast, as a share of the greatest
  double sharpness;  ///< the step at the strokes' edges, as a share of the contrast
};

/// Masks of possible ink.
struct Ink {
  cv::Mat pieces;   ///< CV_8UC1, nonzero where ink may be; may be eroded
  cv::Mat strokes;  ///< the same at the strokes' full width
  int eroded = 0;   ///< px by which the pieces are eroded on each side
};

Print print_of(const cv::Mat& bright, const Ink& ink, const Line& line, bool rows) {
  // Standard deviation over median absolute deviation of a normal distribution.
  constexpr double kDeviation = 1.4826;
  const int pad = std::max(6, rows ? line.box.height : line.box.width);
  const cv::Rect whole({0, 0}, bright.size());
  const auto grown = [&](const cv::Rect& box, int by) {
    return cv::Rect(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by) & whole;
  };
  const cv::Rect around = grown(line.box, pad);
  cv::Mat smooth, noise, steps;
  cv::medianBlur(bright(around), smooth, 5);
  cv::absdiff(bright(around), smooth, noise);
  cv::morphologyEx(bright(around), steps, cv::MORPH_GRADIENT,
                   cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  cv::Mat ground(around.size(), CV_8UC1, cv::Scalar(255));
  std::vector<double> contrasts, evenness, sharpness;
  for (const Glyph& glyph : line.glyphs) {
    const cv::Rect box = grown(glyph.box, ink.eroded);
    ground((grown(box, 2) & around) - around.tl()).setTo(0);
    const cv::Mat strokes = ink.strokes(box);
    cv::Mat inner;
    cv::erode(strokes, inner, {}, {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
    const cv::Mat edge = strokes & ~inner;
    contrasts.push_back(glyph.contrast());
    evenness.push_back((masked_median(bright(box), strokes) - glyph.ground) / glyph.contrast());
    sharpness.push_back(masked_median(steps(box - around.tl()), edge) / glyph.contrast());
  }
  const double deviation = kDeviation * masked_median(noise, ground);
  return {median(contrasts) / (deviation + 1), median(evenness), median(sharpness)};
}

/// Whether a line is print rather than grain, bone structure or gas bubbles. Longer lines need less
/// contrast. A logistic regression fitted to lines found in simulated and real films, with names
/// and without, unchanged and with noise, grain, sharpening and compression added.
bool is_print(const cv::Mat& bright, const Ink& ink, const Line& line, bool rows) {
  constexpr double kLeastSharpness = 0.45;
  const Print print = print_of(bright, ink, line, rows);
  const auto aligned = static_cast<double>(count_aligned(line, rows));
  const double odds =
      3 * std::log(print.contrast) + 5.4 * print.evenness + 4.4 * std::log(aligned) - 18.5;
  return print.sharpness >= kLeastSharpness && odds >= 0;
}

/// Groups neighbouring glyphs into lines of at least three aligned glyphs.
std::vector<Line> lines(const std::vector<Glyph>& pieces, bool rows) {
  std::vector<std::size_t> group(pieces.size());
  std::iota(group.begin(), group.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
  };
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (std::size_t j = i + 1; j < pieces.size(); ++j) {
      if (are_neighbours(pieces[i], pieces[j], rows)) group[root(i)] = root(j);
    }
  }
  std::vector<Line> united(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Line& line = united[root(i)];
    line.box = line.box.empty() ? pieces[i].box : line.box | pieces[i].box;
    line.glyphs.push_back(pieces[i]);
  }
  std::vector<Line> found;
  for (Line& line : united) {
    if (line.glyphs.size() < kFewestGlyphs || !is_aligned(line, rows)) continue;
    const Span span = span_of(line.box, rows);
    // Glyphs stacked across the line's direction are no line of text.
    if (span.end - span.start < span.high - span.low) continue;
    found.push_back(std::move(line));
  }
  return found;
}

/// Adds a margin for accents, descenders and dots that are too small to be glyphs, and along the
/// line for a glyph without contrast to its background.
cv::Rect with_margin(const cv::Rect& box, bool rows) {
  const int height = rows ? box.height : box.width, across = std::max(3, height / 2);
  const int x = rows ? height : across, y = rows ? across : height;
  return {box.x - x, box.y - y, box.width + 2 * x, box.height + 2 * y};
}

}  // namespace

std::vector<cv::Rect> find_burned_in_text(const Image& film) {
  const cv::Rect whole({0, 0}, film.size());
  const double scale =
      std::min(1.0, static_cast<double>(kLongestSide) / std::max(whole.width, whole.height));
  cv::Mat grey;
  film.pixels().convertTo(grey, CV_8U, 255.0 / film.max_value());
  if (scale < 1) cv::resize(grey, grey, {}, scale, scale, cv::INTER_AREA);
  std::vector<cv::Rect> boxes;
  for (const bool white : {true, false}) {
    const cv::Mat bright = white ? grey : cv::Mat(255 - grey);
    const cv::Mat contrasts = stroke_contrasts(bright);
    constexpr int kErosion = 2;
    std::vector<Ink> inks;
    for (const int contrast : kThinContrasts) {
      const cv::Mat pieces = contrasts >= contrast;
      inks.push_back({pieces, pieces});
    }
    cv::Mat thinned;  // bold letters may touch
    cv::erode(inks.back().pieces, thinned, {}, {-1, -1}, kErosion);
    inks.push_back({thinned, inks.back().strokes, kErosion});
    for (const Ink& ink : inks) {
      const auto pieces = glyphs(bright, ink.pieces);
      for (const bool rows : {true, false}) {
        for (const Line& line : lines(pieces, rows)) {
          if (!is_print(bright, ink, line, rows)) continue;
          const cv::Rect box = with_margin(line.box, rows);
          const auto up = [&](int v) { return static_cast<int>(std::floor(v / scale)); };
          const cv::Rect on_film(up(box.x), up(box.y), up(box.width) + 2, up(box.height) + 2);
          boxes.push_back(on_film & whole);
        }
      }
    }
  }
  std::sort(boxes.begin(), boxes.end(), [](const cv::Rect& a, const cv::Rect& b) {
    return std::tie(a.y, a.x, a.height, a.width) < std::tie(b.y, b.x, b.height, b.width);
  });
  return boxes;
}

void fill_boxes(cv::Mat& picture, const std::vector<cv::Rect>& boxes, double scale) {
  const cv::Rect whole({0, 0}, picture.size());
  for (const cv::Rect& box : boxes) {
    const auto down = [&](int v) { return static_cast<int>(std::floor(v * scale)); };
    const auto up = [&](int v) { return static_cast<int>(std::ceil(v * scale)); };
    const cv::Point first(down(box.x), down(box.y)), last(up(box.br().x), up(box.br().y));
    const cv::Rect here = cv::Rect(first, last) & whole;
    if (!here.empty()) picture(here).setTo(rim_median(picture, here));
  }
}

}  // namespace spine
