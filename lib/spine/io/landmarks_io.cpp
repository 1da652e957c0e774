#include "spine/io/landmarks_io.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/util/json.h"
#include "spine/util/schema.h"

namespace spine {
namespace {

using nlohmann::json;

/// Rounds to 1e-3 px, about 0.2 micrometres on a film: below visibility.
double round_milli(double value) { return std::round(value * 1000.0) / 1000.0; }

json point_to_json(cv::Point2d p) { return json::array({round_milli(p.x), round_milli(p.y)}); }

std::string found(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  constexpr std::size_t kLongest = 60;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

[[noreturn]] void fail(const std::string& key, const std::string& expected,
                       const std::string& actual) {
  throw Error(ErrorKind::unreadable,
              "landmarks: " + key + ": expected " + expected + ", got " + actual);
}

/// A missing key is treated as null.
const json& member(const json& object, std::string_view name) {
  static const json null;
  const auto it = object.find(name);
  return it == object.end() ? null : *it;
}

double number_from(const json& value, const std::string& key) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) {
    fail(key, "a number", found(value));
  }
  return value.get<double>();
}

/// A coordinate or length in pixels. Points may lie outside the film, but values near the numeric
/// limits are rejected, since geometry would overflow.
double length_from(const json& value, const std::string& key) {
  constexpr double kLargest = 1e7;
  const double length = number_from(value, key);
  if (std::abs(length) > kLargest) fail(key, "a number of pixels", found(value));
  return length;
}

cv::Point2d point_from(const json& value, const std::string& key) {
  if (!value.is_array() || value.size() != 2) fail(key, "[x, y]", found(value));
  return {length_from(value[0], key + "[0]"), length_from(value[1], key + "[1]")};
}

const json& object_from(const json& value, std::string_view key) {
  if (!value.is_object()) fail(std::string(key), "an object or null", found(value));
  return value;
}

std::optional<Endplate> endplate_from(const json& object, const std::string& end,
                                      const std::string& key) {
  const json& post = member(object, end + "_post");
  const json& ant = member(object, end + "_ant");
  if (post.is_null() || ant.is_null()) return std::nullopt;
  return Endplate{point_from(post, key + "." + end + "_post"),
                  point_from(ant, key + "." + end + "_ant")};
}

std::optional<VertebraCorners> vertebra_from(const json& value, const std::string& key) {
  if (value.is_null()) return std::nullopt;
  const json& object = object_from(value, key);
  const auto sup = endplate_from(object, "sup", key);
  const auto inf = endplate_from(object, "inf", key);
  if (!sup || !inf) return std::nullopt;
  return VertebraCorners{*sup, *inf};
}

FemoralHead head_from(const json& value, const std::string& key) {
  const json& object = object_from(value, key);
  FemoralHead head{point_from(member(object, "center"), key + ".center"),
                   length_from(member(object, "radius"), key + ".radius")};
  if (!(round_milli(head.radius) > 0))
    fail(key + ".radius", "a positive number", found(object["radius"]));
  return head;
}

cv::Size size_from(const json& value) {
  const bool fits = value.is_array() && value.size() == 2 && value[0].is_number_integer() &&
                    value[1].is_number_integer();
  if (!fits) fail("size", "[width, height] in whole pixels", found(value));
  const auto width = value[0].get<std::int64_t>();
  const auto height = value[1].get<std::int64_t>();
  constexpr std::int64_t kLargest = 1'000'000;
  if (width < 1 || height < 1 || width > kLargest || height > kLargest) {
    fail("size", "[width, height] from 1 to 1,000,000", found(value));
  }
  return {static_cast<int>(width), static_cast<int>(height)};
}

Side side_from(const json& value) {
  if (value == "left") return Side::left;
  if (value == "right") return Side::right;
  fail("anterior", "\"left\" or \"right\"", found(value));
}

}  // namespace

json to_json(const Landmarks& landmarks) {
  json vertebrae = json::object();
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    json& entry = vertebrae[level_name(i)];
    if (const auto& v = landmarks.vertebrae[i]) {
      entry = {{"sup_post", point_to_json(v->sup.post)},
               {"sup_ant", point_to_json(v->sup.ant)},
               {"inf_post", point_to_json(v->inf.post)},
               {"inf_ant", point_to_json(v->inf.ant)}};
    }
  }
  json s1;
  if (landmarks.s1) {
    s1 = {{"sup_post", point_to_json(landmarks.s1->post)},
          {"sup_ant", point_to_json(landmarks.s1->ant)}};
  }
  json heads = json::array();
  for (const auto& head : landmarks.femoral_heads) {
    heads.push_back({{"center", point_to_json(head.center)}, {"radius", round_milli(head.radius)}});
  }
  return {{"schema", kLandmarksSchema},
          {"size", {landmarks.size.width, landmarks.size.height}},
          {"anterior", std::string(to_string(landmarks.anterior))},
          {"vertebrae", vertebrae},
          {"S1", s1},
          {"femoral_heads", heads}};
}

Landmarks landmarks_from_json(const json& document) {
  if (!document.is_object()) fail("document", "an object", found(document));
  if (member(document, "schema") != kLandmarksSchema) {
    fail("schema", "\"" + std::string(kLandmarksSchema) + "\"", found(member(document, "schema")));
  }
  Landmarks landmarks;
  landmarks.size = size_from(member(document, "size"));
  landmarks.anterior = side_from(member(document, "anterior"));

  if (const json& vertebrae = member(document, "vertebrae"); !vertebrae.is_null()) {
    for (const auto& [name, value] : object_from(vertebrae, "vertebrae").items()) {
      const auto level = level_from_name(name);
      if (!level || level == kS1) fail("vertebrae", "keys L1 to L5", "\"" + name + "\"");
      landmarks.vertebrae[*level] = vertebra_from(value, "vertebrae." + name);
    }
  }
  if (const json& s1 = member(document, "S1"); !s1.is_null()) {
    landmarks.s1 = endplate_from(object_from(s1, "S1"), "sup", "S1");
  }
  if (const json& heads = member(document, "femoral_heads"); !heads.is_null()) {
    if (!heads.is_array() || heads.size() > 2) {
      fail("femoral_heads", "a list of at most two", found(heads));
    }
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (heads[i].is_null()) continue;
      landmarks.femoral_heads.push_back(
          head_from(heads[i], "femoral_heads[" + std::to_string(i) + "]"));
    }
    std::stable_sort(landmarks.femoral_heads.begin(), landmarks.femoral_heads.end(),
                     [&](const FemoralHead& a, const FemoralHead& b) {
                       return is_more_anterior(a.center.x, b.center.x, landmarks.anterior);
                     });
  }
  return landmarks;
}

Landmarks read_landmarks(const std::filesystem::path& file) {
  const json document = read_json(file);
  try {
    return landmarks_from_json(document);
  } catch (const Error& error) {
    throw error.within("read " + file.string());
  }
}

void write_landmarks(const std::filesystem::path& file, const Landmarks& landmarks) {
  write_json(file, to_json(landmarks));
}

}  // namespace spine
