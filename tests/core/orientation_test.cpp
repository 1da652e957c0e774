#include "spine/core/orientation.h"

#include "support/catch.h"

using namespace spine;

namespace {

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

// The letter L in pixels, which no rotation or mirroring maps to itself.
const cv::Mat kUpright = (cv::Mat_<uchar>(3, 2) << 1, 0, 2, 0, 3, 4);

}  // namespace

TEST_CASE("A stored image becomes upright by its orientation tag") {
  // As defined by EXIF 2.3: the positions of the 0th row and the 0th column of the stored image.
  const cv::Mat mirrored = (cv::Mat_<uchar>(3, 2) << 0, 1, 0, 2, 4, 3);
  const cv::Mat upside_down = (cv::Mat_<uchar>(3, 2) << 4, 3, 0, 2, 0, 1);
  const cv::Mat flipped = (cv::Mat_<uchar>(3, 2) << 3, 4, 2, 0, 1, 0);
  const cv::Mat transposed = (cv::Mat_<uchar>(2, 3) << 1, 2, 3, 0, 0, 4);
  const cv::Mat to_turn_clockwise = (cv::Mat_<uchar>(2, 3) << 0, 0, 4, 1, 2, 3);
  const cv::Mat transversed = (cv::Mat_<uchar>(2, 3) << 4, 0, 0, 3, 2, 1);
  const cv::Mat to_turn_back = (cv::Mat_<uchar>(2, 3) << 3, 2, 1, 4, 0, 0);
  CHECK(same(upright(kUpright, Orientation::top_left), kUpright));
  CHECK(same(upright(mirrored, Orientation::top_right), kUpright));
  CHECK(same(upright(upside_down, Orientation::bottom_right), kUpright));
  CHECK(same(upright(flipped, Orientation::bottom_left), kUpright));
  CHECK(same(upright(transposed, Orientation::left_top), kUpright));
  CHECK(same(upright(to_turn_clockwise, Orientation::right_top), kUpright));
  CHECK(same(upright(transversed, Orientation::right_bottom), kUpright));
  CHECK(same(upright(to_turn_back, Orientation::left_bottom), kUpright));
}

TEST_CASE("as_stored is the inverse of upright in every orientation") {
  cv::Mat picture(5, 7, CV_16UC3);
  cv::randu(picture, 0, 65536);
  for (int tag = 1; tag <= 8; ++tag) {
    const auto orientation = orientation_of_tag(tag);
    REQUIRE(orientation);
    const cv::Mat stored = as_stored(picture, *orientation);
    CHECK((stored.size() != picture.size()) == exchanges_sides(*orientation));
    CHECK(same(upright(stored, *orientation), picture));
  }
}

TEST_CASE("Other tag values are not orientations") {
  CHECK_FALSE(orientation_of_tag(0));
  CHECK_FALSE(orientation_of_tag(9));
}
