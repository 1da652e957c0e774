#include "spine/eval/overlap.h"

#include "support/catch.h"
#include "support/near.h"

using namespace spine;
using spine::test::near;

namespace {

MaskCrop box(cv::Rect where) { return {where, cv::Mat(where.size(), CV_8UC1, cv::Scalar(255))}; }

}  // namespace

TEST_CASE("Hausdorff distance of a shifted mask is the shift") {
  const MaskCrop a = box({10, 10, 20, 20});
  CHECK(*hausdorff95_px(a, a) == near(0));
  CHECK(*hausdorff95_px(box({16, 10, 20, 20}), a) == near(6, 0.01));
  CHECK_FALSE(hausdorff95_px(a, MaskCrop{}).has_value());
}
