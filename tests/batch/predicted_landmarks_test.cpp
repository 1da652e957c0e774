#include "spine/batch/predicted_landmarks.h"

#include "batch/synthetic_masks.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>

#include "spine/batch/measure_job.h"
#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;

namespace {

PredictedLandmarks predicted() {
  PredictedLandmarks result;
  Landmarks& landmarks = result.located.landmarks;
  landmarks.size = {test::kMaskWidth, test::kMaskHeight};
  landmarks.vertebrae[3] = VertebraCorners{{{310, 300}, {220, 300}}, {{310, 360}, {220, 360}}};
  landmarks.s1 = Endplate{{300, 465}, {215, 500}};
  landmarks.femoral_heads = {{{200, 680}, 50}, {{225, 680}, 50}};
  result.located.qc = {"anterior_uncertain"};
  result.uncertainty.vertebrae[3] = {{1.5, 0.02, 0.03}, {0.5, 0.04, 0.01}};
  result.uncertainty.s1 = EndplateUncertainty{2.5, 0.05, 0.06};
  result.uncertainty.femoral_heads = {0.125, std::nullopt};
  return result;
}

}  // namespace

TEST_CASE("Predicted landmarks are read back while their masks are unchanged") {
  const test::TempDir temp;
  MaskStack masks = test::synthetic_masks();
  write_masks(temp / "masks.tif", masks);
  write_predicted_landmarks(temp.path(), predicted());
  const auto back = read_predicted_landmarks(temp.path());
  REQUIRE(back);
  CHECK(back->located.landmarks.s1->ant == cv::Point2d(215, 500));
  CHECK(back->located.qc == predicted().located.qc);
  CHECK(back->uncertainty.vertebrae[3]->inf.along == 0.04);
  CHECK_FALSE(back->uncertainty.vertebrae[2]);
  CHECK(back->uncertainty.s1->turn_deg == 2.5);
  CHECK(back->uncertainty.femoral_heads == predicted().uncertainty.femoral_heads);

  masks.set(Structure::L1, cv::Mat::zeros(masks.size(), CV_8UC1));
  write_masks(temp / "masks.tif", masks);
  CHECK_FALSE(read_predicted_landmarks(temp.path()));
}

TEST_CASE("Measuring in place keeps predicted landmarks") {
  const test::TempDir temp;
  write_masks(temp / "masks.tif", test::synthetic_masks());
  write_predicted_landmarks(temp.path(), predicted());
  const auto before = read_json(temp / "landmarks.json");
  Study study;
  study.path = temp.path();
  const MeasureJob job({}, {});
  const MeasureInput input = job.load(study);
  const test::TempDir staged;  // like the staging folder of a run
  job.write(study, input, job.process(input), staged.path(), {});
  CHECK(read_json(staged / "landmarks.json") == before);

  MeasureSettings by_baseline;
  by_baseline.method = LandmarkMethod::baseline;
  CHECK_FALSE(by_baseline.takes_predicted());
  CHECK_FALSE(MeasureJob(by_baseline, {}).load(study).predicted);
}

TEST_CASE("The error for a damaged file names it") {
  const test::TempDir temp;
  write_masks(temp / "masks.tif", test::synthetic_masks());
  write_predicted_landmarks(temp.path(), predicted());
  auto document = read_json(temp / "landmarks.json");
  document.erase("standard_deviations");
  write_json(temp / "landmarks.json", document);
  try {
    read_predicted_landmarks(temp.path());
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unreadable);
    CHECK(std::string(error.what()).find("landmarks.json") != std::string::npos);
  }
}

TEST_CASE("Landmarks of another origin are not read as predicted ones") {
  const test::TempDir temp;
  CHECK_FALSE(read_predicted_landmarks(temp.path()));
  write_masks(temp / "masks.tif", test::synthetic_masks());
  CHECK_FALSE(read_predicted_landmarks(temp.path()));
  write_landmarks(temp / "landmarks.json", predicted().located.landmarks);
  CHECK_FALSE(read_predicted_landmarks(temp.path()));
}
