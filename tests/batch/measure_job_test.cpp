#include "spine/batch/measure_job.h"

#include <fstream>

#include "batch/study_at.h"
#include "batch/synthetic_masks.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

using spine::test::study_at;

namespace {

using test::kMaskHeight;
using test::kMaskWidth;
using test::synthetic_masks;

cv::Mat film_of(cv::Size size) {
  cv::Mat pixels(size, CV_8UC1);
  cv::RNG random(5);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  return pixels;
}

/// Runs the three steps of the job on one study and returns its record.
json run(const MeasureJob& job, const Study& study, const fs::path& folder) {
  fs::create_directories(folder);
  const MeasureInput input = job.load(study);
  return job.write(study, input, job.process(input), folder, json::object());
}

double value_of(const json& record, const std::string& name) {
  INFO(name << ": " << record.at("measurements").at(name).dump());
  REQUIRE(record.at("measurements").at(name).at("value").is_number());
  return record.at("measurements").at(name).at("value");
}

void write_segmentation_record(const fs::path& file, const json& spacing) {
  write_json(file, {{"schema", "spine-segmentation/2"},
                    {"spacing_mm", spacing},
                    {"spacing_source", spacing.is_null() ? "none" : "calibrated"},
                    {"inverted", true},
                    {"notes", {"turned"}}});
}

}  // namespace

TEST_CASE("Masks are measured") {
  const test::TempDir temp;
  fs::create_directories(temp / "in");
  write_masks(temp / "in" / "masks.tif", synthetic_masks());
  const MeasureJob job({}, {});
  const json record = run(job, study_at(temp / "in"), temp / "out");
  CHECK(record.at("schema") == "spine-measurements/2");
  CHECK(record.at("provenance").at("landmark_method") == "fit");
  // The S1 endplate falls 35 px over 85 px towards the front, here the left.
  CHECK(value_of(record, "SS") == Approx(22.4).margin(2.0));
  CHECK(value_of(record, "PI") ==
        Approx(value_of(record, "PT") + value_of(record, "SS")).margin(0.2));
  CHECK(fs::exists(temp / "out" / "landmarks.json"));
  CHECK_FALSE(fs::exists(temp / "out" / "overlay.png"));
  CHECK(job.clock().seconds().count("measure") == 1);
}

TEST_CASE("The remainder of a structure beyond the edge of the film needs no review") {
  // Rows of a film that begins in the middle of L1, or ends where the heads begin.
  const cv::Range rows = GENERATE(cv::Range(110, kMaskHeight), cv::Range(0, 640));
  const MaskStack whole = synthetic_masks();
  MaskStack masks({kMaskWidth, rows.size()});
  for (const Structure s : kStructures) masks.set(s, whole[s].rowRange(rows).clone());
  const Measured measured = locate_and_measure(masks, {}, Side::left, {});
  const bool top = rows.start > 0;
  CHECK(measured.measurements.not_in_film ==
        std::vector<std::string>{top ? "L1" : "femoral heads"});
  CHECK(measured.measurements.find(top ? "LL" : "PT")->status == kNotInFilm);
  CHECK(assess(measured.measurements).verdict == Verdict::ok);
  // The same remainder inside the film is flagged.
  if (!top) return;
  MaskStack odd = synthetic_masks();
  cv::Mat sliver = cv::Mat::zeros(odd.size(), CV_8UC1);
  cv::rectangle(sliver, cv::Rect(220, 100, 90, 10), cv::Scalar(255), cv::FILLED);
  odd.set(Structure::L1, sliver);
  CHECK(locate_and_measure(odd, {}, std::nullopt, {}).measurements.qc ==
        std::vector<std::string>{"implausible_L1"});
}

TEST_CASE("Landmarks give the measurements of the masks they came from") {
  const test::TempDir temp;
  write_masks(temp / "masks.tif", synthetic_masks());
  const MeasureJob job({}, {});
  const json from_masks = run(job, study_at(temp / "masks.tif"), temp / "a");
  const json from_landmarks = run(job, study_at(temp / "a" / "landmarks.json"), temp / "b");
  CHECK(from_landmarks.at("provenance").at("landmark_method") == "given");
  for (const char* name : {"PT", "SS", "PI", "LL"}) {
    // Coordinates in files are rounded to a thousandth of a pixel.
    CHECK(value_of(from_landmarks, name) == Approx(value_of(from_masks, name)).margin(0.002));
  }
}

TEST_CASE("Spacing comes from the record beside the masks unless given for the study") {
  const test::TempDir temp;
  write_masks(temp / "masks.tif", synthetic_masks());
  const MeasureJob job({}, {});
  Study study = study_at(temp / "masks.tif");
  CHECK(run(job, study, temp / "a").at("spacing_mm").is_null());
  const json options_without = job.study_options(study);

  write_segmentation_record(temp / "segmentation.json", {0.5, 0.5});
  const json record = run(job, study, temp / "b");
  CHECK(record.at("spacing_mm") == json{0.5, 0.5});
  CHECK(record.at("spacing_source") == "calibrated");
  CHECK(record.at("inverted") == true);
  CHECK(record.at("notes") == json{"turned"});
  CHECK(job.study_options(study) != options_without);

  study.spacing = Spacing{0.25, 0.25};
  const json overridden = run(job, study, temp / "c");
  CHECK(overridden.at("spacing_source") == "override");
  const std::string height = "disc_height_L1_L2_middle";
  CHECK(value_of(overridden, height) == Approx(0.5 * value_of(record, height)).margin(0.01));
}

TEST_CASE("A damaged record beside the masks is an error, not a missing spacing") {
  const test::TempDir temp;
  write_masks(temp / "masks.tif", synthetic_masks());
  write_segmentation_record(temp / "segmentation.json", json{"wide"});
  CHECK_THROWS_AS(MeasureJob({}, {}).load(study_at(temp / "masks.tif")), Error);
}

TEST_CASE("An overlay is drawn if films are given; a film of another size is an error") {
  const test::TempDir temp;
  fs::create_directories(temp / "films");
  write_masks(temp / "masks.tif", synthetic_masks());
  write_image(temp / "films" / "s.png", film_of({kMaskWidth, kMaskHeight}));
  const MeasureJob job({}, temp / "films");
  run(job, study_at(temp / "masks.tif"), temp / "out");
  CHECK(fs::exists(temp / "out" / "overlay.png"));

  Study other = study_at(temp / "masks.tif");
  other.id = "without-film";
  const json record = run(job, other, temp / "other");
  CHECK_FALSE(fs::exists(temp / "other" / "overlay.png"));
  CHECK(record.at("notes").size() == 1);

  write_image(temp / "films" / "s.png", film_of({kMaskHeight, kMaskWidth}));
  CHECK_THROWS_AS(job.load(study_at(temp / "masks.tif")), Error);
}

TEST_CASE("Without films no overlay is listed") {
  const test::TempDir temp;
  write_image(temp / "s.png", film_of({kMaskWidth, kMaskHeight}));
  CHECK(MeasureJob({}, {}).description().files.others ==
        std::vector<std::string>{"landmarks.json"});
  CHECK(MeasureJob({}, temp.path()).description().files.others ==
        std::vector<std::string>{"landmarks.json", "overlay.png"});
}

TEST_CASE("The input files of a folder of images are its images; an empty one is an error") {
  const test::TempDir temp;
  const MeasureJob job({}, {});
  CHECK_THROWS_AS(job.input_files(study_at(temp.path())), Error);
  write_image(temp / "L2.png", cv::Mat(10, 10, CV_8UC1, cv::Scalar(0)));
  write_image(temp / "S.png", cv::Mat(10, 10, CV_8UC1, cv::Scalar(0)));
  CHECK(job.input_files(study_at(temp.path())).size() == 2);
}

TEST_CASE("Settings that affect results are part of the options") {
  MeasureSettings settings;
  const json before = to_json(settings);
  settings.method = LandmarkMethod::baseline;
  settings.angles = {AnglePair::parse("L2.sup:L4.inf")};
  const json after = to_json(settings);
  CHECK(after.at("landmarks") == "baseline");
  CHECK(after.at("angles") == json{"L2.sup:L4.inf"});
  CHECK(after != before);
}
