#include "spine/core/dice.h"

#include "support/catch.h"
#include "support/near.h"

#include "spine/core/error.h"

using namespace spine;
using spine::test::near;

namespace {

cv::Mat box(cv::Rect where) {
  cv::Mat mask = cv::Mat::zeros(100, 120, CV_8UC1);
  mask(where).setTo(255);
  return mask;
}

}  // namespace

TEST_CASE("Dice of equal, half-overlapping and disjoint masks") {
  const cv::Mat a = box({10, 10, 20, 20});
  CHECK(*dice(a, a) == near(1));
  CHECK(*dice(box({20, 10, 20, 20}), a) == near(0.5));
  CHECK(*dice(box({60, 60, 20, 20}), a) == near(0));
}

TEST_CASE("Dice of one empty mask is 0, of two nullopt") {
  const cv::Mat none = cv::Mat::zeros(100, 120, CV_8UC1);
  CHECK(*dice(none, box({10, 10, 20, 20})) == near(0));
  CHECK(*dice(box({10, 10, 20, 20}), none) == near(0));
  CHECK_FALSE(dice(none, none).has_value());
}

TEST_CASE("Dice of crops is that of the masks") {
  const auto crop = [](cv::Rect where) {
    return MaskCrop{where, cv::Mat(where.size(), CV_8UC1, cv::Scalar(255))};
  };
  CHECK(*dice(crop({20, 10, 20, 20}), crop({10, 10, 20, 20})) == near(0.5));
  CHECK(*dice(crop({60, 60, 20, 20}), crop({10, 10, 20, 20})) == near(0));
  CHECK(*dice(MaskCrop{}, crop({10, 10, 20, 20})) == near(0));
  CHECK_FALSE(dice(MaskCrop{}, MaskCrop{}).has_value());
}

TEST_CASE("Masks of different size have no Dice") {
  CHECK_THROWS_AS(dice(cv::Mat::zeros(3, 3, CV_8UC1), cv::Mat::zeros(3, 4, CV_8UC1)), Error);
}
