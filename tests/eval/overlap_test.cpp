#include "spine/eval/overlap.h"

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

TEST_CASE("Hausdorff distance of a shifted mask is the shift") {
  const cv::Mat a = box({10, 10, 20, 20});
  CHECK(*hausdorff95_px(a, a) == near(0));
  CHECK(*hausdorff95_px(box({16, 10, 20, 20}), a) == near(6, 0.01));
  CHECK_FALSE(hausdorff95_px(a, cv::Mat::zeros(100, 120, CV_8UC1)).has_value());
}

TEST_CASE("masks of different size cannot be compared") {
  CHECK_THROWS_AS(hausdorff95_px(cv::Mat::zeros(3, 3, CV_8UC1), cv::Mat::zeros(4, 3, CV_8UC1)),
                  Error);
}
