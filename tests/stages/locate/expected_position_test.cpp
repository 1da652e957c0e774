#include "spine/stages/locate/expected_position.h"

#include <cmath>
#include <utility>

#include "support/catch.h"

using namespace spine;

namespace {

/// A column of upright bodies, 40 wide and 30 high, 40 apart, facing left.
Landmarks column() {
  Landmarks landmarks;
  landmarks.size = {300, 400};
  landmarks.anterior = Side::left;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const double top = 50 + 40.0 * static_cast<double>(i);
    landmarks.vertebrae[i] =
        VertebraCorners{{{140, top}, {100, top}}, {{140, top + 30}, {100, top + 30}}};
  }
  return landmarks;
}

void check_same(const Endplate& is, const Endplate& should) {
  CHECK(cv::norm(is.post - should.post) < 1e-9);
  CHECK(cv::norm(is.ant - should.ant) < 1e-9);
}

}  // namespace

TEST_CASE("A missing body is expected between or beyond its neighbours") {
  const Landmarks whole = column();
  const std::size_t level = GENERATE(0U, 1U, 2U, 4U);
  Landmarks others = whole;
  others.vertebrae[level].reset();
  const auto expected = expected_body(others, level);
  REQUIRE(expected);
  check_same(expected->sup, whole.vertebrae[level]->sup);
  check_same(expected->inf, whole.vertebrae[level]->inf);
}

TEST_CASE("Two missing bodies are expected at equal distances") {
  Landmarks others = column();
  others.vertebrae[2].reset();
  others.vertebrae[3].reset();
  check_same(expected_body(others, 3)->sup, column().vertebrae[3]->sup);
}

TEST_CASE("A curve goes on where bodies are expected beyond others") {
  Landmarks landmarks;
  const double c = std::sqrt(0.5);
  // L3 upright, L4 turned by 45 degrees: L5 is turned by 90.
  landmarks.vertebrae[2] = VertebraCorners{{{20, -10}, {-20, -10}}, {{20, 10}, {-20, 10}}};
  const cv::Point2d center(0, 40), forwards(-40 * c, 40 * c), down(-20 * c, -20 * c);
  const auto plate = [&](double side) {
    const cv::Point2d at = center + 0.5 * side * -1 * down;
    return Endplate{at - 0.5 * forwards, at + 0.5 * forwards};
  };
  landmarks.vertebrae[3] = VertebraCorners{plate(-1), plate(1)};
  const auto l5 = expected_body(landmarks, 4);
  REQUIRE(l5);
  const cv::Point2d along = l5->sup.ant - l5->sup.post;
  CHECK(std::abs(along.x) < 1e-9);
  CHECK(std::abs(std::abs(along.y) - 40) < 1e-9);
}

TEST_CASE("Nothing is expected from one neighbour or beyond a gap") {
  Landmarks landmarks;
  CHECK_FALSE(expected_body(landmarks, 2));
  landmarks.vertebrae[1] = column().vertebrae[1];
  CHECK_FALSE(expected_body(landmarks, 2));
  landmarks.vertebrae[0] = column().vertebrae[0];
  CHECK(expected_body(landmarks, 2));
  CHECK_FALSE(expected_body(landmarks, 3));
}

TEST_CASE("S1 is expected below L5, turned towards lordosis") {
  for (const Side side : {Side::left, Side::right}) {
    const double s = side == Side::left ? -1 : 1;
    const Endplate s1 = expected_s1({{-20 * s, 0}, {20 * s, 0}}, side);
    CHECK(s1.post.y < s1.ant.y);
    CHECK(std::abs(0.5 * (s1.post.y + s1.ant.y) - 12) < 1e-9);
    CHECK(std::abs(cv::norm(s1.ant - s1.post) - 40) < 1e-9);
  }
}

TEST_CASE("An endplate is distant where another body could lie between") {
  const Landmarks landmarks = column();
  const auto& l4 = *landmarks.vertebrae[3];
  const auto moved = [&](double along, double across) {
    const cv::Point2d by(across * 30, along * 30);
    return Endplate{l4.inf.post + by, l4.inf.ant + by};
  };
  CHECK_FALSE(is_distant(landmarks, l4, moved(0.7, 0)));
  CHECK(is_distant(landmarks, l4, moved(0.9, 0)));
  CHECK_FALSE(is_distant(landmarks, l4, moved(0.4, 1.1)));  // slipped
  CHECK(is_distant(landmarks, l4, moved(0.4, 1.2)));
}

TEST_CASE("A body is misplaced when an endplate of it lies where another body's does") {
  for (const Side side : {Side::left, Side::right}) {
    Landmarks landmarks = column();
    if (side == Side::right) {
      landmarks.anterior = side;
      for (auto& body : landmarks.vertebrae) {
        std::swap(body->sup.post, body->sup.ant);
        std::swap(body->inf.post, body->inf.ant);
      }
    }
    for (std::size_t level = 0; level < kLumbarCount; ++level) {
      CHECK_FALSE(is_misplaced(landmarks, level));
    }
    const VertebraCorners l5 = *landmarks.vertebrae[4];
    landmarks.vertebrae[4]->inf = landmarks.vertebrae[3]->inf;  // of L4
    CHECK(is_misplaced(landmarks, 4));
    CHECK_FALSE(is_misplaced(landmarks, 3));
    const cv::Point2d body_below(0, 40);
    landmarks.vertebrae[4]->inf = {l5.inf.post + body_below, l5.inf.ant + body_below};
    CHECK_FALSE(is_misplaced(landmarks, 4));  // or it spans two levels
    landmarks.vertebrae[4]->inf = {0.75 * l5.inf.post + 0.25 * l5.inf.ant,
                                   0.25 * l5.inf.post + 0.75 * l5.inf.ant};
    CHECK(is_misplaced(landmarks, 4));  // half as long
    landmarks.vertebrae[4] = l5;
    landmarks.vertebrae[4]->inf = {l5.inf.post - cv::Point2d(0, 10), l5.inf.ant};
    CHECK_FALSE(is_misplaced(landmarks, 4));  // a wedge
  }
  Landmarks few;
  few.vertebrae[3] = column().vertebrae[3];
  few.vertebrae[4] = column().vertebrae[2];
  CHECK_FALSE(is_misplaced(few, 4));
}

TEST_CASE("S1 is misplaced on or above L5's endplates, or with another length") {
  const Landmarks landmarks = column();
  const VertebraCorners& l5 = *landmarks.vertebrae[4];
  const auto below = [&](double distance) {
    const cv::Point2d down(0, distance);
    return Endplate{l5.inf.post + down, l5.inf.ant + down};
  };
  CHECK_FALSE(is_s1_misplaced(landmarks, l5, below(10)));
  CHECK_FALSE(is_s1_misplaced(landmarks, l5, below(2)));  // a collapsed disc
  CHECK(is_s1_misplaced(landmarks, l5, l5.inf));
  CHECK(is_s1_misplaced(landmarks, l5, l5.sup));
  CHECK(is_s1_misplaced(landmarks, l5, below(-10)));
  const Endplate slipped{below(8).post + cv::Point2d(30, 0), below(8).ant + cv::Point2d(30, 0)};
  CHECK_FALSE(is_s1_misplaced(landmarks, l5, slipped));
  CHECK_FALSE(is_s1_misplaced(landmarks, l5, {{132, 245}, {108, 245}}));  // 0.6 of the length
  CHECK(is_s1_misplaced(landmarks, l5, {{126, 245}, {114, 245}}));        // 0.3
}
