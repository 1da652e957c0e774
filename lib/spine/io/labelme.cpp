#include "spine/io/labelme.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/codecs/raster.h"
#include "spine/util/atomic_file.h"
#include "spine/util/csv.h"
#include "spine/util/json.h"
#include "spine/util/utf8.h"

namespace spine {
namespace {

using nlohmann::json;
using Points = std::vector<cv::Point2d>;

constexpr int kMaxSide = 20000;
// Limits on the work that a small file can demand: pixels of all masks drawn, and corners of
// polygons times the pixels compared with them.
constexpr std::int64_t kMaxDrawnPixels = 20'000'000'000;
constexpr std::int64_t kMaxComparisons = 4'000'000'000;
constexpr std::size_t kHeads = 2;

/// Parses JSON in any text encoding; discarded if invalid.
json parse(const std::filesystem::path& file) {
  const std::string text = decode_text(read_file(file)).value_or("");
  if (is_nested_too_deep(text)) return {};
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

/// A shape of the file; named in every error message.
class Shape {
 public:
  Shape(const json& shape, const std::string& where, std::size_t number)
      : shape_(shape), where_(where + ": shape " + std::to_string(number)) {
    if (!shape_.is_object()) fail("expected an object");
    where_ += " (" + label() + ")";
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::unreadable, where_ + ": " + what);
  }

  [[nodiscard]] std::string label() const {
    std::string text = text_at(shape_, "label");
    if (text.empty()) fail("expected a label");
    return text;
  }

  /// Fills the shape's area. In Labelme's coordinates the first pixel's corner is at 0.
  void fill(cv::Mat& mask) const {
    const std::string type = text_at(shape_, "shape_type", "polygon");
    const Points given = points();
    if (type == "circle") {
      if (given.size() != 2) fail("expected a circle's centre and a point on it");
      fill_polygon(circle(given[0], cv::norm(given[1] - given[0])), mask);
    } else if (type == "rectangle") {
      if (given.size() != 2) fail("expected two corners of a rectangle");
      fill_polygon({given[0], {given[1].x, given[0].y}, given[1], {given[0].x, given[1].y}}, mask);
    } else if (type == "polygon") {
      if (given.size() < 3) fail("expected a polygon of three points or more");
      fill_polygon(given, mask);
    } else {
      throw Error(ErrorKind::unsupported,
                  where_ + ": expected a polygon, rectangle or circle, found a " + type);
    }
    if (cv::countNonZero(mask) == 0) fail("covers no pixel of the film");
  }

 private:
  [[nodiscard]] Points points() const {
    const auto found = shape_.find("points");
    if (found == shape_.end() || !found->is_array()) fail("expected points");
    Points out;
    for (const auto& point : *found) {
      if (!point.is_array() || point.size() != 2 || !point[0].is_number() ||
          !point[1].is_number()) {
        fail("expected points [x, y]");
      }
      out.emplace_back(point[0].get<double>(), point[1].get<double>());
      const bool sane =
          std::abs(out.back().x) < 10 * kMaxSide && std::abs(out.back().y) < 10 * kMaxSide;
      if (!sane) fail("a point far beyond any film");
    }
    return out;
  }

  static Points circle(const cv::Point2d& center, double radius) {
    constexpr int kCorners = 360;
    Points out;
    for (int i = 0; i < kCorners; ++i) {
      const double angle = 2 * std::numbers::pi * i / kCorners;
      out.emplace_back(center.x + radius * std::cos(angle), center.y + radius * std::sin(angle));
    }
    return out;
  }

  void fill_polygon(const Points& corners, cv::Mat& mask) const {
    constexpr int kShift = 4;
    std::vector<cv::Point> fixed;
    std::vector<cv::Point2f> exact;
    for (const auto& p : corners) {
      exact.emplace_back(static_cast<float>(p.x - 0.5), static_cast<float>(p.y - 0.5));
      fixed.emplace_back(cvRound((p.x - 0.5) * (1 << kShift)),
                         cvRound((p.y - 0.5) * (1 << kShift)));
    }
    cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{fixed}, 255, cv::LINE_8, kShift);
    // OpenCV fills every pixel that the contour touches: remove those with centres outside.
    cv::Mat inner;
    cv::erode(mask, inner, cv::Mat::ones(3, 3, CV_8U), {-1, -1}, 1, cv::BORDER_CONSTANT, 0);
    std::vector<cv::Point> edge;
    cv::findNonZero(mask & ~inner, edge);
    if (static_cast<std::int64_t>(edge.size() * exact.size()) > kMaxComparisons) {
      fail("a polygon with too many corners");
    }
    for (const auto& pixel : edge) {
      if (cv::pointPolygonTest(exact, pixel, false) < 0) mask.at<std::uint8_t>(pixel) = 0;
    }
  }

  const json& shape_;
  std::string where_;
};

int side_of(const json& film, const char* key, const std::string& where) {
  const auto found = film.find(key);
  if (found == film.end() || !found->is_number_integer() || found->get<std::int64_t>() < 1 ||
      found->get<std::int64_t>() > kMaxSide) {
    throw Error(ErrorKind::unreadable, where + ": expected " + key + " in pixels");
  }
  return found->get<int>();
}

double middle_x(const cv::Mat& mask) {
  const cv::Moments moments = cv::moments(mask, /*binaryImage=*/true);
  return moments.m10 / moments.m00;
}

/// Assigns heads that are distinguished only by position to free structures, from left to right:
/// the anterior side is unknown here.
void add_heads(std::vector<cv::Mat> heads, const std::string& where, MaskStack& masks) {
  std::sort(heads.begin(), heads.end(),
            [](const cv::Mat& a, const cv::Mat& b) { return middle_x(a) < middle_x(b); });
  for (const auto& head : heads) {
    const Structure s = !masks.has(Structure::F1) ? Structure::F1 : Structure::F2;
    if (masks.has(s)) throw Error(ErrorKind::unreadable, where + ": more than two femoral heads");
    masks.set(s, head);
  }
}

}  // namespace

LabelTable default_label_table() {
  LabelTable table;
  for (const Structure s : kStructures) table[std::string(to_string(s))] = {s, false};
  for (const char* name : {"sacrum", "Sacrum", "S1"}) table[name] = {Structure::S, false};
  for (const char* name : {"F", "FH", "femoral_head", "femoral head"}) {
    table[name] = {std::nullopt, true};
  }
  return table;
}

LabelTable read_label_table(const std::filesystem::path& file) {
  const std::string where = "labels: " + file.string();
  const auto rows = parse_table(read_file(file), where);
  if (rows.empty()) {
    throw Error(ErrorKind::unreadable, where + ": expected a header and rows, found none");
  }
  const std::size_t label = column_index(rows[0], {"label"}, where);
  const std::size_t structure = column_index(rows[0], {"structure"}, where);
  const auto fail = [&](int line, const std::string& name) {
    throw Error(ErrorKind::unreadable,
                where + ": line " + std::to_string(line) +
                    ": expected a label and L1 ... F2, F or nothing, found \"" + name + "\"");
  };
  LabelTable table;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& cells = rows[i].cells;
    const std::string name = structure < cells.size() ? cells[structure] : "";
    LabelMeaning meaning{structure_from_string(name), name == "F"};
    if (label >= cells.size() || (!name.empty() && !meaning.structure && !meaning.head)) {
      fail(rows[i].line, name);
    }
    table[cells[label]] = meaning;
  }
  return table;
}

std::optional<Orientation> orientation_of_labels(cv::Size labels, cv::Size film,
                                                 Orientation stored) {
  if (labels == film) return Orientation::top_left;
  const bool as_stored = labels == cv::Size(film.height, film.width) && exchanges_sides(stored);
  if (as_stored) return stored;
  return std::nullopt;
}

bool is_labelme(const std::filesystem::path& file) {
  const json film = parse(file);
  return film.is_object() && film.contains("shapes");
}

LabelmeFilm read_labelme(const std::filesystem::path& file, const LabelTable& table,
                         Orientation drawn_on) {
  const std::string where = "labels: " + file.string();
  const json film = parse(file);
  if (!film.is_object() || !film.contains("shapes") || !film["shapes"].is_array()) {
    throw Error(ErrorKind::unreadable, where + ": expected Labelme's JSON with shapes");
  }
  const int width = side_of(film, "imageWidth", where);
  const cv::Size size(width, side_of(film, "imageHeight", where));
  RasterLimits limits;
  limits.max_pixels = 100'000'000;  // eight masks of this size are allocated
  check_size(file.string(), size.width, size.height, limits);
  LabelmeFilm result;
  // Labelme writes the path of the labelling machine, possibly with backslashes.
  std::string image = text_at(film, "imagePath");
  std::replace(image.begin(), image.end(), '\\', '/');
  result.image = file.parent_path() / std::filesystem::path(image).filename();
  result.masks = MaskStack(exchanges_sides(drawn_on) ? cv::Size(size.height, size.width) : size);

  std::vector<cv::Mat> heads;
  std::size_t number = 0;
  std::int64_t drawn_pixels = 0;
  for (const auto& item : film["shapes"]) {
    const Shape shape(item, where, ++number);
    const std::string label = shape.label();
    const auto meaning = table.find(label);
    if (meaning == table.end()) shape.fail("unknown class \"" + label + "\"");
    if (!meaning->second.structure && !meaning->second.head) continue;
    drawn_pixels += size.area();
    if (drawn_pixels > kMaxDrawnPixels) shape.fail("more shapes than a film of this size can have");
    cv::Mat mask = cv::Mat::zeros(size, CV_8UC1);
    shape.fill(mask);
    mask = upright(mask, drawn_on);
    if (meaning->second.head) {
      if (heads.size() == kHeads) shape.fail("more than two femoral heads");
      heads.push_back(mask);
    } else {
      const Structure s = *meaning->second.structure;
      result.masks.set(s, mask | result.masks[s]);
    }
  }
  add_heads(std::move(heads), where, result.masks);
  return result;
}

}  // namespace spine
