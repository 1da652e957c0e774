#include "spine/stages/measure/measure.h"

#include <algorithm>
#include <cmath>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"

#include "spine/core/error.h"

using namespace spine;
using namespace spine::test;

namespace {

constexpr unsigned kSeeds = 60;

double value(const Measurements& m, const std::string& name) {
  INFO(name);
  const auto* found = m.find(name);
  REQUIRE(found != nullptr);
  REQUIRE(found->value.has_value());
  CHECK(found->status == "ok");
  return *found->value;
}

bool has_flag(const Measurements& m, const std::string& flag) {
  return std::find(m.qc.begin(), m.qc.end(), flag) != m.qc.end();
}

/// The same spine with every point mapped.
template <typename Map>
Landmarks mapped(Landmarks marks, Map map) {
  const auto move = [&](Endplate& e) {
    e.post = map(e.post);
    e.ant = map(e.ant);
  };
  for (auto& v : marks.vertebrae) {
    if (!v) continue;
    move(v->sup);
    move(v->inf);
  }
  if (marks.s1) move(*marks.s1);
  for (auto& head : marks.femoral_heads) head.center = map(head.center);
  return marks;
}

Landmarks random_landmarks(unsigned seed) {
  SyntheticSpine spine = random_spine(seed);
  spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
  return true_landmarks(spine);
}

const std::vector<std::string> kDiscs{"L1_L2", "L2_L3", "L3_L4", "L4_L5", "L5_S1"};
const std::vector<std::string> kLevels{"L1", "L2", "L3", "L4", "L5"};

void check_same(const Measurements& a, const Measurements& b, const std::string& unit) {
  REQUIRE(a.values.size() == b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (a.values[i].unit != unit) continue;
    INFO(a.values[i].name);
    CHECK(*a.values[i].value == near(*b.values[i].value, 1e-6));
  }
}

}  // namespace

TEST_CASE("a hand-made pelvis has the expected angles") {
  // Anterior is right, y runs down: S1 descends forwards by 45 degrees, heads straight below it.
  Landmarks marks;
  marks.size = {400, 400};
  marks.anterior = Side::right;
  marks.s1 = Endplate{{100, 100}, {130, 130}};
  marks.femoral_heads = {{{115, 215}, 20}, {{115, 215}, 20}};
  marks.vertebrae[0] = VertebraCorners{{{100, 20}, {140, 20}}, {{100, 50}, {140, 50}}};
  const Measurements m = measure(marks);
  CHECK(value(m, "SS") == near(45));
  CHECK(value(m, "PT") == near(0));
  CHECK(value(m, "PI") == near(45));
  CHECK(value(m, "LL") == near(45));
  CHECK(value(m, "PI_LL") == near(0));
  CHECK(value(m, "wedge_L1") == near(0));
  CHECK(m.find("segmental_L1_L2")->status == "missing: L2");
}

TEST_CASE("PT is positive when S1 lies behind the hip axis and negative in front of it") {
  Landmarks marks;
  marks.anterior = Side::left;
  marks.s1 = Endplate{{220, 100}, {180, 100}};
  marks.femoral_heads = {{{150, 150}, 20}};
  CHECK(value(measure(marks), "PT") == near(45));
  marks.femoral_heads = {{{250, 150}, 20}};
  CHECK(value(measure(marks), "PT") == near(-45));
}

TEST_CASE("kyphosis is negative") {
  Landmarks marks;
  marks.anterior = Side::right;
  marks.vertebrae[0] = VertebraCorners{{{0, 0}, {40, 20}}, {{0, 30}, {40, 50}}};
  marks.s1 = Endplate{{0, 100}, {40, 100}};
  CHECK(value(measure(marks), "LL") < 0);
}

TEST_CASE("PI = PT + SS, segments add up to LL, disc + wedge = segmental") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Measurements m = measure(random_landmarks(seed));
    CHECK(value(m, "PI") == near(value(m, "PT") + value(m, "SS"), 1e-6));
    CHECK(value(m, "PI_LL") == near(value(m, "PI") - value(m, "LL"), 1e-6));
    CHECK_FALSE(has_flag(m, "pi_mismatch"));
    CHECK_FALSE(has_flag(m, "anterior_conflict"));
    double sum = 0;
    for (std::size_t i = 0; i < kDiscs.size(); ++i) {
      const double segmental = value(m, "segmental_" + kDiscs[i]);
      sum += segmental;
      CHECK(segmental ==
            near(value(m, "wedge_" + kLevels[i]) + value(m, "disc_angle_" + kDiscs[i]), 1e-6));
    }
    CHECK(sum == near(value(m, "LL"), 1e-6));
    CHECK(value(m, "L4_S1") ==
          near(value(m, "segmental_L4_L5") + value(m, "segmental_L5_S1"), 1e-6));
    CHECK(value(m, "LDI") == near(100 * value(m, "L4_S1") / value(m, "LL"), 1e-6));
  }
}

TEST_CASE("rotating the film changes PT and SS oppositely and leaves PI and LL") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Landmarks marks = random_landmarks(seed);
    const double deg = 8.0;  // anti-clockwise as seen on the film
    const Landmarks rotated_marks = mapped(marks, [&](cv::Point2d p) { return turned(p, -deg); });
    const Measurements a = measure(marks), b = measure(rotated_marks);
    const double forward = marks.anterior == Side::right ? 1 : -1;
    CHECK(value(b, "PT") - value(a, "PT") == near(forward * deg, 1e-6));
    CHECK(value(b, "SS") - value(a, "SS") == near(-forward * deg, 1e-6));
    for (const char* name : {"PI", "LL", "PI_LL", "L4_S1", "LDI", "L1PA", "slip_L4_L5"}) {
      CHECK(value(a, name) == near(value(b, name), 1e-6));
    }
  }
}

TEST_CASE("mirroring with anterior swapped changes nothing") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Landmarks marks = random_landmarks(seed);
    Landmarks mirrored = mapped(marks, [](cv::Point2d p) { return cv::Point2d(999 - p.x, p.y); });
    mirrored.anterior = marks.anterior == Side::left ? Side::right : Side::left;
    const Measurements a = measure(marks), b = measure(mirrored);
    for (const char* unit : {"deg", "px", "%"}) check_same(a, b, unit);
  }
}

TEST_CASE("scaling leaves angles and scales lengths") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Landmarks marks = random_landmarks(seed);
    const Measurements a = measure(marks);
    const Measurements b = measure(mapped(marks, [](cv::Point2d p) { return 2.5 * p; }));
    check_same(a, b, "deg");
    check_same(a, b, "%");
    CHECK(value(b, "disc_height_L3_L4_mean") ==
          near(2.5 * value(a, "disc_height_L3_L4_mean"), 1e-6));
  }
}

TEST_CASE("anisotropic pixels give what the resampled film gives") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Landmarks square = random_landmarks(seed);
    const Landmarks flat = mapped(square, [](cv::Point2d p) { return cv::Point2d(p.x, p.y / 2); });
    MeasureOptions square_options, flat_options;
    square_options.spacing = Spacing{0.2, 0.2};
    flat_options.spacing = Spacing{0.4, 0.2};
    const Measurements a = measure(square, square_options), b = measure(flat, flat_options);
    for (const char* unit : {"deg", "mm", "%"}) check_same(a, b, unit);
  }
}

TEST_CASE("disc heights are millimetres with a spacing and pixels without") {
  Landmarks marks;
  marks.anterior = Side::left;
  marks.vertebrae[3] = VertebraCorners{{{200, 50}, {100, 50}}, {{200, 100}, {100, 100}}};
  marks.vertebrae[4] = VertebraCorners{{{200, 110}, {100, 120}}, {{200, 160}, {100, 160}}};
  const Measurements px = measure(marks);
  CHECK(px.find("disc_height_L4_L5_mean")->unit == "px");
  CHECK(value(px, "disc_height_L4_L5_anterior") == near(20));
  CHECK(value(px, "disc_height_L4_L5_posterior") == near(10));
  CHECK(value(px, "disc_height_L4_L5_middle") == near(15));
  CHECK(value(px, "disc_height_L4_L5_mean") == near(15, 0.1));
  MeasureOptions options;
  options.spacing = Spacing{0.2, 0.2};
  const Measurements mm = measure(marks, options);
  CHECK(mm.find("disc_height_L4_L5_mean")->unit == "mm");
  CHECK(value(mm, "disc_height_L4_L5_anterior") == near(4));
}

TEST_CASE("slip is the posterior wall's offset along the lower endplate, forwards positive") {
  Landmarks marks;
  marks.anterior = Side::left;
  marks.vertebrae[4] = VertebraCorners{{{180, 50}, {80, 50}}, {{180, 100}, {80, 100}}};
  marks.s1 = Endplate{{200, 110}, {100, 110}};
  CHECK(value(measure(marks), "slip_L5_S1") == near(20));
  marks.anterior = Side::right;
  std::swap(marks.s1->post, marks.s1->ant);
  std::swap(marks.vertebrae[4]->inf.post, marks.vertebrae[4]->inf.ant);
  CHECK(value(measure(marks), "slip_L5_S1") == near(-20));
}

TEST_CASE("Meyerding grades the slip forwards") {
  // S1's endplate is 40 long and level; L5 stands above it, moved forwards by a share of it.
  const auto grade = [](double share) {
    Landmarks marks;
    marks.anterior = Side::right;
    marks.s1 = Endplate{{100, 200}, {140, 200}};
    const double x = 100 + 40 * share;
    marks.vertebrae[4] = VertebraCorners{{{x, 150}, {x + 40, 150}}, {{x, 190}, {x + 40, 190}}};
    return value(measure(marks), "meyerding_L5_S1");
  };
  CHECK(grade(-0.3) == 0);
  CHECK(grade(0.04) == 0);
  CHECK(grade(0.06) == 1);
  CHECK(grade(0.25) == 1);
  CHECK(grade(0.26) == 2);
  CHECK(grade(0.75) == 3);
  CHECK(grade(0.9) == 4);
  CHECK(grade(1.2) == 5);
}

TEST_CASE("Schwab modifiers, ideals and relative terms follow PI, PT, SS and LL") {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const auto m = measure(random_landmarks(seed));
    const double pi = value(m, "PI");
    CHECK(value(m, "ideal_SS") == near(0.59 * pi + 9));
    CHECK(value(m, "ideal_LL") == near(0.62 * pi + 29));
    CHECK(value(m, "relative_SS") == near(value(m, "SS") - value(m, "ideal_SS")));
    CHECK(value(m, "relative_LL") == near(value(m, "LL") - value(m, "ideal_LL")));
    const auto modifier = [](double v, double first, double second) {
      return v < first ? 0 : v <= second ? 1 : 2;
    };
    CHECK(value(m, "schwab_PI_LL") == modifier(value(m, "PI_LL"), 10, 20));
    CHECK(value(m, "schwab_PT") == modifier(value(m, "PT"), 20, 30));
  }
}

TEST_CASE("Roussouly types follow the sacral slope, and below 35 degrees the lordosis's apex") {
  int seen[5] = {};
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const auto m = measure(random_landmarks(seed));
    const double ss = value(m, "SS");
    const double type = value(m, "roussouly");
    if (ss > 45) CHECK(type == 4);
    if (ss >= 35 && ss <= 45) CHECK(type == 3);
    if (ss < 35) CHECK((type == 1 || type == 2));
    ++seen[static_cast<int>(type)];
  }
  CHECK(seen[3] + seen[4] > 0);
  CHECK(seen[1] + seen[2] > 0);
}

TEST_CASE("the apex at L5 makes Roussouly's type 1, one at L3 type 2") {
  const auto type = [](int apex) {
    Landmarks marks;
    marks.anterior = Side::right;
    for (int i = 0; i < 5; ++i) {
      const double x = 100 - 6.0 * std::abs(i - apex);
      const double y = 100 + 40.0 * i;
      marks.vertebrae[static_cast<std::size_t>(i)] =
          VertebraCorners{{{x, y}, {x + 40, y}}, {{x, y + 30}, {x + 40, y + 30}}};
    }
    marks.s1 = Endplate{{80, 300}, {118, 318}};  // SS 25 degrees
    return value(measure(marks), "roussouly");
  };
  CHECK(type(4) == 1);
  CHECK(type(3) == 2);
  CHECK(type(2) == 2);
}

TEST_CASE("L1PA is positive with L1 in front of the line from the hip axis to S1") {
  Landmarks marks;
  marks.anterior = Side::right;
  marks.s1 = Endplate{{80, 100}, {120, 100}};
  marks.vertebrae[0] = VertebraCorners{{{180, -20}, {220, -20}}, {{180, 20}, {220, 20}}};
  marks.femoral_heads = {{{100, 200}, 20}};
  CHECK(value(measure(marks), "L1PA") == near(deg_from_rad(std::atan2(100, 200)), 1e-9));
}

TEST_CASE("missing structures are named and give no number") {
  Landmarks marks = random_landmarks(3);
  marks.vertebrae[2].reset();
  marks.femoral_heads.clear();
  const Measurements m = measure(marks);
  CHECK(m.find("segmental_L2_L3")->status == "missing: L3");
  CHECK(m.find("wedge_L3")->status == "missing: L3");
  CHECK(m.find("disc_height_L3_L4_mean")->status == "missing: L3");
  CHECK(m.find("PT")->status == "missing: femoral heads");
  CHECK_FALSE(m.find("PI")->value.has_value());
  CHECK(m.find("SS")->value.has_value());
  marks.vertebrae[0].reset();
  marks.s1.reset();
  const Measurements less = measure(marks);
  CHECK(less.find("LL")->status == "missing: L1, S1");
  CHECK(less.find("PI_LL")->status == "missing: L1, S1, femoral heads");
  for (const auto& v : measure(Landmarks{}).values) {
    INFO(v.name);
    CHECK_FALSE(v.value.has_value());
    CHECK(v.status.rfind("missing: ", 0) == 0);
  }
}

TEST_CASE("every film has the same measurements in the same order") {
  const Measurements full = measure(random_landmarks(1));
  const Measurements none = measure(Landmarks{});
  REQUIRE(full.values.size() == none.values.size());
  for (std::size_t i = 0; i < full.values.size(); ++i) {
    CHECK(full.values[i].name == none.values[i].name);
    CHECK(full.values[i].unit == none.values[i].unit);
  }
}

TEST_CASE("coinciding endplate ends are degenerate, not zero degrees") {
  Landmarks marks = random_landmarks(5);
  marks.s1->ant = marks.s1->post;
  const Measurements m = measure(marks);
  CHECK(m.find("SS")->status == "degenerate: S1");
  CHECK(m.find("LL")->status == "degenerate: S1");
  CHECK_FALSE(m.find("PI_LL")->value.has_value());
}

TEST_CASE("quality flags") {
  Landmarks marks = random_landmarks(7);
  CHECK(measure(marks).qc.empty());

  Landmarks one = marks;
  one.femoral_heads.resize(1);
  CHECK(has_flag(measure(one), "one_head"));
  CHECK(measure(one).find("PI")->value.has_value());

  Landmarks apart = marks;
  apart.femoral_heads[0].center.x += 2.6 * apart.femoral_heads[0].radius;
  apart.femoral_heads[1].center.x -= 0.3 * apart.femoral_heads[0].radius;
  CHECK(has_flag(measure(apart), "heads_far_apart"));

  Landmarks tilted = marks;
  const auto& s1 = *tilted.s1;
  tilted.s1->ant = s1.post + cv::Point2d(0, cv::norm(s1.ant - s1.post));
  CHECK(has_flag(measure(tilted), "implausible_SS"));

  Landmarks reversed = marks;
  reversed.anterior = marks.anterior == Side::left ? Side::right : Side::left;
  CHECK(has_flag(measure(reversed), "anterior_conflict"));
}

TEST_CASE("additional pairs of endplates") {
  MeasureOptions options;
  options.angles = {AnglePair::parse("L1.sup:S1"), AnglePair::parse("L4.inf:L2.sup")};
  const Measurements m = measure(random_landmarks(11), options);
  CHECK(value(m, "angle_L1.sup_S1.sup") == near(value(m, "LL")));
  CHECK(
      value(m, "angle_L2.sup_L4.inf") ==
      near(value(m, "segmental_L2_L3") + value(m, "segmental_L3_L4") + value(m, "wedge_L4"), 1e-6));
  for (const char* wrong : {"", "L2", "L2.sup", "L6.sup:S1", "L2:L3.sup", "S1.inf:L2.sup",
                            "L2.sup:L2.sup", "L2.sup:L3.inf:L4.sup", "l2.sup:L3.sup"}) {
    INFO(wrong);
    CHECK_THROWS_AS(AnglePair::parse(wrong), Error);
  }
}
