#include "spine/io/labelme.h"

#include <fstream>
#include <numbers>
#include <vector>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

using namespace spine;
using nlohmann::json;
using test::contains;

namespace {

json shape(const std::string& label, const std::string& type, const json& points) {
  return {{"label", label}, {"shape_type", type}, {"points", points}, {"group_id", nullptr}};
}

json film(const std::vector<json>& shapes) {
  return {{"version", "5.2"},     {"flags", json::object()}, {"imagePath", "..\\films\\f1.png"},
          {"imageData", nullptr}, {"imageHeight", 100},      {"imageWidth", 80},
          {"shapes", shapes}};
}

LabelmeFilm read(const json& content, const LabelTable& table = default_label_table()) {
  const test::TempDir folder;
  std::ofstream(folder / "f1.json") << content;
  return read_labelme(folder / "f1.json", table);
}

std::string labelme_error(const json& content) {
  try {
    read(content);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Polygons, rectangles and circles become masks of their area") {
  const auto labels = read(film({shape("L1", "polygon", {{10, 20}, {40, 20}, {40, 40}, {10, 40}}),
                                 shape("L2", "rectangle", {{40, 70}, {10, 50}}),
                                 shape("F1", "circle", {{60, 80}, {60, 90}})}));
  CHECK(labels.image.filename() == "f1.png");
  CHECK(labels.masks.size() == cv::Size(80, 100));
  CHECK(cv::countNonZero(labels.masks[Structure::L1]) == Approx(600).epsilon(0.1));
  CHECK(cv::countNonZero(labels.masks[Structure::L2]) == Approx(600).epsilon(0.1));
  CHECK(cv::countNonZero(labels.masks[Structure::F1]) ==
        Approx(std::numbers::pi * 100).epsilon(0.1));
  const cv::Moments m = cv::moments(labels.masks[Structure::F1], true);
  CHECK(m.m10 / m.m00 == Approx(59.5).margin(0.1));  // pixel centres are at integers here
  CHECK(!labels.masks.has(Structure::S));
}

TEST_CASE("Shapes of one class are merged, ignored classes leave nothing") {
  LabelTable table = default_label_table();
  table["spinous"] = {};
  const auto labels = read(film({shape("sacrum", "rectangle", {{0, 0}, {10, 10}}),
                                 shape("S1", "rectangle", {{20, 0}, {30, 10}}),
                                 shape("spinous", "line", {{0, 0}, {5, 5}})}),
                           table);
  CHECK(cv::countNonZero(labels.masks[Structure::S].col(5)) > 5);
  CHECK(cv::countNonZero(labels.masks[Structure::S].col(25)) > 5);
}

TEST_CASE("Unnumbered heads are assigned to free structures from the left") {
  const json left = shape("femoral_head", "circle", {{20, 80}, {20, 85}});
  const json right = shape("femoral_head", "circle", {{60, 80}, {60, 85}});
  const auto labels = read(film({right, left}));
  CHECK(labels.masks[Structure::F1].at<std::uint8_t>(80, 20) == 255);
  CHECK(labels.masks[Structure::F2].at<std::uint8_t>(80, 60) == 255);
  CHECK(contains(labelme_error(film({left, right, left})), "more than two"));
}

TEST_CASE("Invalid labels are reported by shape") {
  CHECK(contains(labelme_error(film({shape("L9", "polygon", json::array())})),
                 "shape 1 (L9): unknown class \"L9\""));
  CHECK(contains(labelme_error(film({shape("L1", "line", {{1, 1}, {2, 2}})})),
                 "shape 1 (L1): expected a polygon"));
  CHECK(contains(labelme_error(film({shape("L1", "polygon", {{1, 1}, {2, 2}})})), "three points"));
  CHECK(contains(labelme_error(film({shape("L1", "polygon", {{1, 1}, {2, "a"}, {3, 3}})})),
                 "[x, y]"));
  CHECK(
      contains(labelme_error(film({shape("L1", "circle", {{500, 500}, {510, 500}})})), "no pixel"));
  CHECK(contains(labelme_error(film({shape("L1", "polygon", {{1, 1}, {1e12, 2}, {3, 3}})})),
                 "far beyond"));
  CHECK(contains(labelme_error(json::parse(R"({"shapes": []})")), "imageWidth"));
  CHECK(contains(labelme_error(json::array()), "Labelme"));
  CHECK(contains(labelme_error(film({json::array()})), "shape 1: expected an object"));
  CHECK(contains(labelme_error(film({json{{"label", 3}}})), "expected a label"));
  json odd = film({shape("L1", "rectangle", {{10, 10}, {30, 30}})});
  odd["imagePath"] = nullptr;
  odd["shapes"][0]["shape_type"] = nullptr;  // as some tools write a polygon
  CHECK(contains(labelme_error(odd), "three points"));
  CHECK_THROWS_AS(read_labelme("/nowhere.json", {}), Error);
}

TEST_CASE("Class names are mapped by a table") {
  const test::TempDir folder;
  std::ofstream(folder / "t.csv") << "label,structure\nvertebra 4,L4\nhead,F\nnoise,\n";
  const LabelTable table = read_label_table(folder / "t.csv");
  CHECK(table.at("vertebra 4").structure == Structure::L4);
  CHECK(table.at("head").head);
  CHECK(!table.at("noise").structure);
  std::ofstream(folder / "t.csv") << "label,structure\nvertebra 6,L6\n";
  CHECK_THROWS_AS(read_label_table(folder / "t.csv"), Error);
  std::ofstream(folder / "t.csv") << "name,structure\n";
  CHECK_THROWS_AS(read_label_table(folder / "t.csv"), Error);
}

TEST_CASE("A small file cannot cause unbounded work or memory use") {
  json large = film({});
  large["imageWidth"] = 20000;
  large["imageHeight"] = 20000;
  CHECK(contains(labelme_error(large), "megapixels"));

  // A polygon that crosses the film thousands of times.
  json zigzag = json::array();
  for (int i = 0; i < 400'000; ++i) zigzag.push_back({i % 2 == 0 ? 0 : 5000, 0.0125 * i});
  json drawn = film({shape("L1", "polygon", zigzag)});
  drawn["imageWidth"] = 5000;
  drawn["imageHeight"] = 5000;
  CHECK(contains(labelme_error(drawn), "shape 1 (L1): a polygon with too many corners"));

  const json head = shape("F", "circle", {{60, 80}, {60, 90}});
  CHECK(contains(labelme_error(film({head, head, head, head})), "shape 3 (F): more than two"));
}

TEST_CASE("Unbounded nesting is rejected") {
  const test::TempDir folder;
  std::ofstream(folder / "f1.json") << R"({"shapes": )" << std::string(100'000, '[');
  CHECK_THROWS_AS(read_labelme(folder / "f1.json", default_label_table()), Error);
  std::ofstream(folder / "f1.json")
      << R"({"shapes": )" << std::string(100'000, '[') << std::string(100'000, ']') << "}";
  CHECK_THROWS_AS(read_labelme(folder / "f1.json", default_label_table()), Error);
}

TEST_CASE("Labels drawn on the stored image are rotated, heads assigned afterwards") {
  const cv::Size size(80, 100);
  const json low = shape("F", "circle", {{20, 80}, {20, 85}});
  const json high = shape("F", "circle", {{20, 30}, {20, 35}});
  const json content = film({low, high, shape("L1", "rectangle", {{10, 20}, {40, 40}})});
  const test::TempDir folder;
  std::ofstream(folder / "f1.json") << content;
  const auto stored = read_labelme(folder / "f1.json", default_label_table()).masks;
  for (int o = 1; o <= 8; ++o) {
    const auto drawn_on = static_cast<Orientation>(o);
    const auto turned = read_labelme(folder / "f1.json", default_label_table(), drawn_on).masks;
    const cv::Mat wanted = upright(stored[Structure::L1], drawn_on);
    REQUIRE(turned.size() == wanted.size());
    CHECK(cv::countNonZero(turned[Structure::L1] != wanted) == 0);
    const auto middle = [&](Structure s) {
      const cv::Moments m = cv::moments(turned[s], true);
      return m.m10 / m.m00;
    };
    CHECK(middle(Structure::F1) <= middle(Structure::F2));
  }
}

TEST_CASE("The orientation of labels is determined by their size") {
  const cv::Size film(80, 100), turned(100, 80);
  for (int o = 1; o <= 8; ++o) {
    const auto stored = static_cast<Orientation>(o);
    CHECK(orientation_of_labels(film, film, stored) == Orientation::top_left);
    CHECK(orientation_of_labels(turned, film, stored) ==
          (o >= 5 ? std::optional(stored) : std::nullopt));
    CHECK_FALSE(orientation_of_labels({81, 100}, film, stored));
  }
}

TEST_CASE("Labels in UTF-16 are read") {
  const std::string text = film({shape("L1", "rectangle", {{10, 20}, {40, 40}})}).dump();
  std::string bytes = "\xFF\xFE";
  for (const char c : text) bytes += std::string{c, '\0'};
  const test::TempDir folder;
  std::ofstream(folder / "f1.json") << bytes;
  CHECK(is_labelme(folder / "f1.json"));
  CHECK(read_labelme(folder / "f1.json", default_label_table()).masks.has(Structure::L1));
}
