#include "spine/stages/burned_in_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include <opencv2/imgproc.hpp>

namespace spine {
namespace {

/// Films are looked at in 8 bits and at most this long, px.
constexpr int kLongestSide = 2400;
// A glyph's size, as a share of the film's longer side.
constexpr double kSmallestGlyph = 0.003, kLargestGlyph = 0.05;
/// Text is within this of the darkest or brightest value, of 255.
constexpr int kFromEnd = 24;
/// What is around a glyph differs from it by at least this in the median, of 255.
constexpr int kContrast = 25;
/// Strokes up to this share of the longer side are also found by how they differ from their ground.
constexpr double kStroke = 0.006;
constexpr int kThinContrast = 50;
constexpr int kFewestGlyphs = 3;
constexpr int kMostGlyphs = 4000;

/// The median of a box's rim, one pixel outside of it.
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
  if (rim.empty()) return 0;
  const auto middle = rim.begin() + static_cast<std::ptrdiff_t>(rim.size() / 2);
  std::nth_element(rim.begin(), middle, rim.end());
  return *middle;
}

/// Pixels near the end of the scale, and thin strokes, whose softened pixels may not reach it.
/// @returns CV_8UC1, 0/255
cv::Mat strokes(const cv::Mat& grey, bool white) {
  const int width = std::max(5, static_cast<int>(kStroke * std::max(grey.rows, grey.cols)) | 1);
  const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_RECT, {width, width});
  cv::Mat thin;
  cv::morphologyEx(grey, thin, white ? cv::MORPH_TOPHAT : cv::MORPH_BLACKHAT, kernel);
  return white ? cv::Mat((grey >= 255 - kFromEnd) | (thin >= kThinContrast))
               : cv::Mat((grey <= kFromEnd) | (thin >= kThinContrast));
}

/// Boxes of pieces that may be glyphs: of the right size, set off from their ground, and with some
/// pixels near the end of the scale.
std::vector<cv::Rect> glyphs(const cv::Mat& grey, bool white) {
  cv::Mat labels, facts, centres;
  const int count =
      cv::connectedComponentsWithStats(strokes(grey, white), labels, facts, centres, 8, CV_32S);
  const double side = std::max(grey.rows, grey.cols);
  std::vector<cv::Rect> boxes;
  for (int i = 1; i < count; ++i) {
    const cv::Rect box(facts.at<int>(i, cv::CC_STAT_LEFT), facts.at<int>(i, cv::CC_STAT_TOP),
                       facts.at<int>(i, cv::CC_STAT_WIDTH), facts.at<int>(i, cv::CC_STAT_HEIGHT));
    const int longer = std::max(box.width, box.height);
    if (longer < kSmallestGlyph * side || longer > kLargestGlyph * side) continue;
    double darkest = 0, brightest = 0;
    cv::minMaxLoc(grey(box), &darkest, &brightest);
    if (white ? brightest < 255 - kFromEnd : darkest > kFromEnd) continue;
    const double ground = rim_median(grey, box);
    const double step = white ? 255 - kFromEnd - ground : ground - kFromEnd;
    if (step >= kContrast) boxes.push_back(box);
  }
  // So many are noise; a line of text is among the larger ones.
  if (boxes.size() > kMostGlyphs) {
    std::nth_element(boxes.begin(), boxes.begin() + kMostGlyphs, boxes.end(),
                     [](const cv::Rect& a, const cv::Rect& b) { return a.area() > b.area(); });
    boxes.resize(kMostGlyphs);
  }
  return boxes;
}

/// Where boxes of one line lie, along it and across.
struct Span {
  int start, end, low, high;
};

Span span_of(const cv::Rect& box, bool rows) {
  return rows ? Span{box.x, box.br().x, box.y, box.br().y}
              : Span{box.y, box.br().y, box.x, box.br().x};
}

/// Whether two glyphs may stand in one word or in neighbouring ones. A hyphen counts as well.
bool are_neighbours(const Span& a, const Span& b) {
  const int height_a = a.high - a.low, height_b = b.high - b.low;
  const int size_a = std::max(height_a, a.end - a.start),
            size_b = std::max(height_b, b.end - b.start);
  const int overlap = std::min(a.high, b.high) - std::max(a.low, b.low);
  const int gap = std::max(a.start, b.start) - std::min(a.end, b.end);
  const bool alike = 2.5 * std::min(size_a, size_b) >= std::max(size_a, size_b);
  return alike && overlap >= 0.4 * std::min(height_a, height_b) &&
         gap <= 1.5 * std::max(height_a, height_b);
}

/// Unites neighbours and gives the boxes of those that are at least three.
std::vector<cv::Rect> lines(const std::vector<cv::Rect>& glyph_boxes, bool rows) {
  std::vector<std::size_t> group(glyph_boxes.size());
  std::iota(group.begin(), group.end(), std::size_t{0});
  const auto root = [&](std::size_t i) {
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
  };
  for (std::size_t i = 0; i < glyph_boxes.size(); ++i) {
    for (std::size_t j = i + 1; j < glyph_boxes.size(); ++j) {
      if (are_neighbours(span_of(glyph_boxes[i], rows), span_of(glyph_boxes[j], rows))) {
        group[root(i)] = root(j);
      }
    }
  }
  std::vector<cv::Rect> united(glyph_boxes.size());
  std::vector<int> members(glyph_boxes.size(), 0);
  for (std::size_t i = 0; i < glyph_boxes.size(); ++i) {
    cv::Rect& box = united[root(i)];
    box = box.empty() ? glyph_boxes[i] : box | glyph_boxes[i];
    ++members[root(i)];
  }
  std::vector<cv::Rect> found;
  for (std::size_t i = 0; i < united.size(); ++i) {
    if (members[i] < kFewestGlyphs) continue;
    const Span span = span_of(united[i], rows);
    // Three dots above one another are no line of text.
    if (span.end - span.start < span.high - span.low) continue;
    found.push_back(united[i]);
  }
  return found;
}

/// A margin for accents, descenders and dots that are too small to be glyphs.
cv::Rect with_margin(const cv::Rect& box) {
  const int margin = std::max(3, std::min(box.width, box.height) / 2);
  return {box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin};
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
    const auto pieces = glyphs(grey, white);
    for (const bool rows : {true, false}) {
      for (const cv::Rect& line : lines(pieces, rows)) {
        const cv::Rect box = with_margin(line);
        const auto up = [&](int v) { return static_cast<int>(std::floor(v / scale)); };
        const cv::Rect there(up(box.x), up(box.y), up(box.width) + 2, up(box.height) + 2);
        boxes.push_back(there & whole);
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

Image without_burned_in_text(const Image& film) {
  const auto boxes = find_burned_in_text(film);
  if (boxes.empty()) return film;
  cv::Mat pixels = film.pixels().clone();
  fill_boxes(pixels, boxes);
  return Image(pixels, film.info());
}

}  // namespace spine
