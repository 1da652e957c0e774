#include "spine/io/landmarks_io.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <nlohmann/json.hpp>

#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

using namespace spine;
using nlohmann::json;
using spine::test::contains;
using spine::test::message_of;

namespace {

Landmarks example() {
  Landmarks l;
  l.size = {2000, 2500};
  l.anterior = Side::left;
  l.vertebrae[0] = VertebraCorners{{{900.12345, 100}, {700, 110}}, {{905, 250.5}, {710, 255}}};
  l.vertebrae[4] = VertebraCorners{{{950, 900}, {750, 950}}, {{990, 1050}, {800, 1120}}};
  l.s1 = Endplate{{1000, 1100}, {820, 1200}};
  l.femoral_heads = {{{600, 1800}, 90.5}, {{650, 1810}, 95}};
  return l;
}

std::string error_of(const json& document) {
  return message_of(ErrorKind::unreadable, [&] { landmarks_from_json(document); });
}

}  // namespace

TEST_CASE("Landmarks are read back, rounded to a thousandth of a pixel") {
  const test::TempDir dir;
  write_landmarks(dir / "landmarks.json", example());
  const Landmarks back = read_landmarks(dir / "landmarks.json");
  CHECK(back.size == cv::Size(2000, 2500));
  CHECK(back.anterior == Side::left);
  REQUIRE(back.vertebrae[0]);
  CHECK(back.vertebrae[0]->sup.post.x == 900.123);
  CHECK(back.vertebrae[0]->inf.ant == cv::Point2d(710, 255));
  CHECK_FALSE(back.vertebrae[1]);
  REQUIRE(back.vertebrae[4]);
  CHECK(back.vertebrae[4]->inf.post == cv::Point2d(990, 1050));
  REQUIRE(back.s1);
  CHECK(back.s1->ant == cv::Point2d(820, 1200));
  REQUIRE(back.femoral_heads.size() == 2);
  CHECK(back.femoral_heads[0].radius == 90.5);
  CHECK(to_json(landmarks_from_json(to_json(example()))) == to_json(back));
}

TEST_CASE("The document has the keys of spine-landmarks/2") {
  const json document = to_json(example());
  CHECK(document["schema"] == "spine-landmarks/2");
  CHECK(document["size"] == json({2000, 2500}));
  CHECK(document["anterior"] == "left");
  CHECK(document["vertebrae"]["L2"].is_null());
  CHECK(document["vertebrae"]["L1"]["inf_post"] == json({905.0, 250.5}));
  CHECK(document["S1"]["sup_post"] == json({1000.0, 1100.0}));
  CHECK(document["femoral_heads"][1]["center"] == json({650.0, 1810.0}));
}

TEST_CASE("Empty landmarks are a document of nulls") {
  Landmarks none;
  none.size = {10, 20};
  const json document = to_json(none);
  CHECK(document["S1"].is_null());
  CHECK(document["femoral_heads"] == json::array());
  const Landmarks back = landmarks_from_json(document);
  CHECK_FALSE(back.s1);
  CHECK(back.femoral_heads.empty());
}

TEST_CASE("Heads are sorted with the more anterior one first") {
  json document = to_json(example());
  std::swap(document["femoral_heads"][0], document["femoral_heads"][1]);
  CHECK(landmarks_from_json(document).femoral_heads[0].center.x == 600);
  document["anterior"] = "right";
  CHECK(landmarks_from_json(document).femoral_heads[0].center.x == 650);
}

TEST_CASE("A vertebra with an unknown corner counts as not found") {
  json document = to_json(example());
  document["vertebrae"]["L1"]["sup_ant"] = nullptr;
  CHECK_FALSE(landmarks_from_json(document).vertebrae[0]);
}

TEST_CASE("Errors name the key, what was expected and what was found") {
  json document = to_json(example());
  SECTION("schema") {
    document["schema"] = "spine-landmarks/9";
    CHECK(contains(error_of(document), "spine-landmarks/9"));
  }
  SECTION("size") {
    document["size"] = {0, 5};
    CHECK(contains(error_of(document), "size: expected"));
  }
  SECTION("anterior") {
    document["anterior"] = "up";
    CHECK(contains(error_of(document), "anterior: expected \"left\" or \"right\", got \"up\""));
  }
  SECTION("unknown level") {
    document["vertebrae"]["L6"] = nullptr;
    CHECK(contains(error_of(document), "\"L6\""));
  }
  SECTION("point") {
    document["vertebrae"]["L5"]["inf_ant"] = {1, "two"};
    CHECK(contains(error_of(document), "vertebrae.L5.inf_ant[1]: expected a number, got \"two\""));
  }
  SECTION("radius") {
    document["femoral_heads"][1]["radius"] = -3;
    CHECK(contains(error_of(document), "femoral_heads[1].radius"));
  }
  SECTION("three heads") {
    document["femoral_heads"].push_back(document["femoral_heads"][0]);
    CHECK(contains(error_of(document), "at most two"));
  }
  SECTION("a radius that would be written as 0") {
    document["femoral_heads"][0]["radius"] = 1e-9;
    CHECK(contains(error_of(document), "femoral_heads[0].radius"));
  }
  SECTION("numbers beyond any film") {
    for (const double number : {1e308, -1e308, 1e9}) {
      json other = document;
      other["S1"]["sup_ant"][1] = number;
      CHECK(contains(error_of(other), "S1.sup_ant[1]: expected a number of pixels"));
      other = document;
      other["femoral_heads"][1]["radius"] = number;
      CHECK(contains(error_of(other), "femoral_heads[1].radius"));
    }
  }
  SECTION("not an object") { CHECK(contains(error_of(json(3)), "document")); }
}

TEST_CASE("A file that is not JSON is unreadable, with the position") {
  const test::TempDir dir;
  write_file_atomically(dir / "bad.json", "{\n \"a\": 1,\n oops }");
  const auto message = message_of(ErrorKind::unreadable, [&] { read_json(dir / "bad.json"); });
  CHECK(contains(message, "bad.json"));
  CHECK(contains(message, "line 3"));
  write_file_atomically(dir / "large.json", "{\"a\": 1e999}");
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_json(dir / "large.json"); }),
                 "large.json: expected JSON, got a number that is too large"));
  write_file_atomically(dir / "empty.json", "");
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { read_json(dir / "empty.json"); }),
                 "empty file"));
  CHECK(contains(message_of(ErrorKind::not_found, [&] { read_landmarks(dir / "no.json"); }),
                 "no.json"));
}

TEST_CASE("Unbounded nesting is unreadable") {
  const test::TempDir dir;
  const std::string brackets(100'000, '[');
  for (const std::string& text :
       {brackets, brackets + std::string(100'000, ']'), R"({"schema": )" + brackets}) {
    write_file_atomically(dir / "deep.json", text);
    const auto message =
        message_of(ErrorKind::unreadable, [&] { read_landmarks(dir / "deep.json"); });
    CHECK(contains(message, "deep.json: expected JSON"));
  }
}

TEST_CASE("Pretty JSON keeps lists of numbers on one line and parses back") {
  const json document = {{"a", {1, 2.5, nullptr}}, {"b", {{"c", json::array()}, {"d", "x"}}}};
  CHECK(pretty(document) ==
        "{\n  \"a\": [1, 2.5, null],\n  \"b\": {\n    \"c\": [],\n    \"d\": \"x\"\n  }\n}\n");
  CHECK(json::parse(pretty(to_json(example()))) == to_json(example()));
  CHECK(json::parse(pretty(json("bad \xff byte"))).is_string());
}
