#include "spine/stages/locate/landmark_checks.h"

#include <algorithm>
#include <cmath>

#include "support/catch.h"
#include "support/synthetic_spine.h"

#include "spine/stages/measure/measure.h"

using namespace spine;
using namespace spine::test;

namespace {

std::vector<std::string> flags_of(const Landmarks& landmarks,
                                  const std::optional<Spacing>& spacing = std::nullopt) {
  return landmark_flags(landmarks, AnatomicalFrame(landmarks.anterior, spacing));
}

bool has(const std::vector<std::string>& flags, const std::string& flag) {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

Landmarks good(unsigned seed = 3) {
  SyntheticSpine spine = random_spine(seed);
  spine.film = {1300, 1800};  // room for the tallest
  spine.hip_px = {600, 1550};
  spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
  return true_landmarks(spine);
}

void shift(VertebraCorners& body, cv::Point2d by) {
  for (Endplate* plate : {&body.sup, &body.inf}) {
    plate->post += by;
    plate->ant += by;
  }
}

}  // namespace

TEST_CASE("complete and empty landmarks raise no flag") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    INFO(seed);
    CHECK(flags_of(good(seed)).empty());
  }
  CHECK(flags_of(Landmarks{}).empty());
}

TEST_CASE("swapped bodies are out of order") {
  Landmarks marks = good();
  std::swap(marks.vertebrae[1], marks.vertebrae[2]);
  CHECK(has(flags_of(marks), "order"));
  marks = good();
  const auto height = marks.vertebrae[3]->inf.post - marks.vertebrae[3]->sup.post;
  shift(*marks.vertebrae[3], -0.7 * height);  // into L3
  CHECK(has(flags_of(marks), "order"));
}

TEST_CASE("a skipped level leaves a gap") {
  // The body two levels above the sacrum is labelled L5.
  Landmarks marks = good();
  for (std::size_t i = kLumbarCount - 1; i > 0; --i) marks.vertebrae[i] = marks.vertebrae[i - 1];
  marks.vertebrae[0].reset();
  CHECK(flags_of(marks) == std::vector<std::string>{"level_gap"});
  // A body that was not found leaves no gap: the labels of its neighbours are not consecutive.
  marks = good();
  marks.vertebrae[2].reset();
  CHECK(flags_of(marks).empty());
}

TEST_CASE("two merged bodies are too tall") {
  Landmarks marks = good();
  marks.vertebrae[3]->inf = marks.vertebrae[4]->inf;
  marks.vertebrae[4].reset();
  CHECK(has(flags_of(marks), "implausible_L4"));
}

TEST_CASE("structures at the film's edge are cropped") {
  Landmarks marks = good();
  const Landmarks whole = marks;
  shift(*marks.vertebrae[0], {0, -marks.vertebrae[0]->sup.ant.y});
  CHECK(has(flags_of(marks), "cropped_L1"));
  marks = whole;
  marks.femoral_heads[1].center.y = marks.size.height - 0.2 * marks.femoral_heads[1].radius;
  CHECK(has(flags_of(marks), "cropped_F2"));
  CHECK_FALSE(has(flags_of(marks), "cropped_F1"));
  marks.femoral_heads[1].center.y = marks.size.height - 0.9 * marks.femoral_heads[1].radius;
  CHECK_FALSE(has(flags_of(marks), "cropped_F2"));
  // Enough of the circle is visible with its centre on the film, not with its centre at the edge.
  marks.femoral_heads[1].center.y = marks.size.height - 0.4 * marks.femoral_heads[1].radius;
  CHECK_FALSE(has(flags_of(marks), "uncertain_F2"));
  marks.femoral_heads[1].center.y = marks.size.height - 0.05 * marks.femoral_heads[1].radius;
  CHECK(has(flags_of(marks), "uncertain_F2"));
  // Of rows twice as high as columns are wide, a head covers half as many.
  marks.femoral_heads[1].center.y = marks.size.height - 0.4 * marks.femoral_heads[1].radius;
  CHECK(has(flags_of(marks), "cropped_F2"));
  CHECK_FALSE(has(flags_of(marks, Spacing{0.2, 0.1}), "cropped_F2"));
}

TEST_CASE("a rotated film is detected by the lean of the spine") {
  const auto turned_by = [](double deg) {
    Landmarks marks = good();
    const cv::Matx22d turn(std::cos(rad_from_deg(deg)), -std::sin(rad_from_deg(deg)),
                           std::sin(rad_from_deg(deg)), std::cos(rad_from_deg(deg)));
    const cv::Point2d middle(0.5 * marks.size.width, 0.5 * marks.size.height);
    const auto move = [&](cv::Point2d& p) { p = middle + turn * (p - middle); };
    for (auto& body : marks.vertebrae) {
      for (Endplate* plate : {&body->sup, &body->inf}) {
        move(plate->post);
        move(plate->ant);
      }
    }
    move(marks.s1->post);
    move(marks.s1->ant);
    return marks;
  };
  CHECK_FALSE(has(flags_of(turned_by(0)), "column_leans"));
  CHECK(has(flags_of(turned_by(60)), "column_leans"));
  CHECK(has(flags_of(turned_by(-60)), "column_leans"));
}

TEST_CASE("only a cropped head with a large standard deviation is uncertain") {
  std::vector<std::string> flags{"cropped_F2"};
  LandmarkUncertainty uncertainty;
  uncertainty.femoral_heads = {0.5, 0.1};
  flag_uncertain_heads(uncertainty, flags);
  CHECK(flags.size() == 1);
  uncertainty.femoral_heads = {0.5, std::nullopt};
  flag_uncertain_heads(uncertainty, flags);
  CHECK(flags.size() == 1);
  uncertainty.femoral_heads = {0.5, 0.2};
  flag_uncertain_heads(uncertainty, flags);
  CHECK(has(flags, "uncertain_F2"));
  CHECK_FALSE(has(flags, "uncertain_F1"));
}

TEST_CASE("an upside-down film is detected by the distribution of lordosis") {
  int told = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    Landmarks marks = good(seed);
    CHECK_FALSE(has(flags_of(marks), "upside_down"));
    // Found from above on the film that stands on its head: S1 and the bodies over it are L1 ...
    // L5.
    const Landmarks upright = marks;
    const auto turned_about = [&](const Endplate& plate) {
      const cv::Point2d corner(marks.size.width - 1, marks.size.height - 1);
      return Endplate{corner - plate.post, corner - plate.ant};
    };
    const auto flipped = [&](std::size_t from) {
      const auto& body = *upright.vertebrae[from];
      return VertebraCorners{turned_about(body.inf), turned_about(body.sup)};
    };
    marks.anterior = upright.anterior == Side::left ? Side::right : Side::left;
    marks.vertebrae[0] = VertebraCorners{turned_about(*upright.s1), turned_about(*upright.s1)};
    for (std::size_t i = 1; i < kLumbarCount; ++i) marks.vertebrae[i] = flipped(kLumbarCount - i);
    marks.s1 = turned_about(upright.vertebrae[0]->inf);
    const auto of_upright = [&](const char* pair) {
      return *measure(upright, {std::nullopt, {AnglePair::parse(pair)}}).values.back().value;
    };
    const bool lordotic = of_upright("L4.inf:S1") - of_upright("L1.inf:L3.inf") > 18;
    CHECK(has(flags_of(marks), "upside_down") == lordotic);
    told += lordotic ? 1 : 0;
  }
  CHECK(told > 5);
}
