#include "spine/batch/pipeline_job.h"

#include "batch/study_at.h"
#include "batch/synthetic_masks.h"
#include "batch/tiny_weights.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/batch/segment_job.h"
#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

using spine::test::study_at;
using spine::test::tiny_weights;

namespace {

Segmenter tiny_segmenter(const std::string& kind = "good") {
  return load_segmenter(tiny_weights(kind), "default", "default", {"cpu"});
}

Image noise_film() {
  cv::Mat pixels(test::kMaskHeight, test::kMaskWidth, CV_8UC1);
  cv::RNG random(3);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  FilmInfo info;
  info.spacing = Spacing{0.3, 0.2};
  info.spacing_source = SpacingSource::detector_plane;
  info.inverted = true;
  info.notes = {"turned"};
  return Image(pixels, info);
}

Segmentation found_spine() {
  Segmentation segmentation;
  segmentation.masks = test::synthetic_masks();
  segmentation.confidence.fill(0.75);
  segmentation.notes = {"two components of L3"};
  segmentation.spine_found = true;
  return segmentation;
}

template <class Result>
std::string message_of_write(const FilmJob<Result>& job, const Result& result,
                             const fs::path& folder) {
  try {
    job.write(study_at("x.png"), {noise_film(), {}}, result, folder, json::object());
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::no_spine);
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("A job records its network") {
  Segmenter segmenter = tiny_segmenter();
  const PipelineJob job(segmenter, {}, {}, {});
  CHECK(job.description().weights.at("name") == "good");
  CHECK(job.description().weights.at("sha256").get<std::string>().size() == 64);
  CHECK(job.description().device == "cpu");
  CHECK(job.description().versions.contains("libtorch"));
  CHECK(job.description().options.at("segment").at("threshold") == 0.5);
  CHECK(job.description().options.at("measure").at("landmarks") == "auto");
}

TEST_CASE("The ROI refinement network is recorded and changes the fingerprint") {
  Segmenter one = tiny_segmenter();
  Segmenter two = load_segmenter(tiny_weights("good"), tiny_weights("good"), "none", {"cpu"});
  CHECK_FALSE(one.roi);
  REQUIRE(two.roi);
  const SegmentJob alone(one, {});
  const SegmentJob both(two, {});
  CHECK_FALSE(alone.description().weights.contains("roi"));
  CHECK(both.description().weights.at("roi").at("name") == "good");
  CHECK(alone.description().options != both.description().options);
}

TEST_CASE("A network without the eight structures is refused before any film") {
  Segmenter segmenter = tiny_segmenter("four");
  try {
    SegmentJob(segmenter, {});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    CHECK(std::string(error.what()).find("L5") != std::string::npos);
  }
}

TEST_CASE("A network without endplate outputs is refused before any film") {
  Segmenter segmenter = load_segmenter(tiny_weights("good"), "none", tiny_weights("good"), {"cpu"});
  try {
    PipelineJob(segmenter, {}, {}, {});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    CHECK(std::string(error.what()).find("front") != std::string::npos);
  }
}

TEST_CASE("A film is read with the spacing of its study") {
  const test::TempDir temp;
  write_image(temp / "a.png", noise_film().pixels());
  Segmenter segmenter = tiny_segmenter();
  const SegmentJob job(segmenter, {});
  Study study = study_at(temp / "a.png");
  study.spacing = Spacing{0.25, 0.25};
  study.anterior = Side::right;
  const StudyFilm film = job.load(study);
  CHECK(film.image.info().spacing == study.spacing);
  CHECK(film.anterior == Side::right);
  CHECK(job.study_options(study).at("spacing_mm") == json{0.25, 0.25});
  const SegmentedFilm result = job.process(film);
  CHECK(result.segmentation.masks.size() == film.image.size());
  CHECK_FALSE(result.landmarks);
  CHECK(job.clock().seconds().count("segment") == 1);
}

TEST_CASE("A film without a spine is a failure of kind no_spine") {
  const test::TempDir temp;
  Segmenter segmenter = tiny_segmenter();
  Segmentation nothing = found_spine();
  nothing.spine_found = false;
  nothing.notes = {"no sacrum"};
  const std::string expected =
      "segment: x.png: expected a lateral lumbar spine, found none; no sacrum";
  CHECK(message_of_write(SegmentJob(segmenter, {}), SegmentedFilm{nothing, {}}, temp.path()) ==
        expected);
  CHECK(message_of_write(PipelineJob(segmenter, {}, {}, {}), PipelineResult{{nothing, {}}, {}},
                         temp.path()) == expected);
  CHECK(fs::is_empty(temp.path()));
}

TEST_CASE("spine-seg followed by spine-measure gives the results of spine-pipeline") {
  const bool predicted = GENERATE(false, true);
  const test::TempDir temp;
  for (const char* folder : {"seg", "measure", "pipeline"}) fs::create_directory(temp / folder);
  Segmenter segmenter = load_segmenter(tiny_weights("good"), "none",
                                       predicted ? tiny_weights("endplates") : "none", {"cpu"});
  MeasureSettings settings;
  settings.angles = {AnglePair::parse("L2.sup:S1.sup")};
  const StudyFilm film{noise_film(), {}};
  const Study study = study_at("x.png");
  SegmentedFilm found{found_spine(), {}};
  if (predicted) {
    // Endplates as a trained network could have predicted them; the tiny one does not.
    constexpr EndplateUncertainty kSure{1, 0.02, 0.01};
    found.landmarks = PredictedLandmarks{locate(found.segmentation.masks), {}};
    LandmarkUncertainty& uncertainty = found.landmarks->uncertainty;
    for (auto& body : uncertainty.vertebrae) body = {kSure, kSure};
    uncertainty.s1 = kSure;
    uncertainty.femoral_heads.assign(found.landmarks->located.landmarks.femoral_heads.size(), 0.02);
  }

  const json segmented =
      SegmentJob(segmenter, {}).write(study, film, found, temp / "seg", json::object());
  CHECK(segmented.at("schema") == "spine-segmentation/2");
  CHECK(segmented.at("provenance").at("confidence").at("L3") == 0.75);
  for (const char* name : {"masks.tif", "labels.png", "overlay.png"}) {
    CHECK(fs::exists(temp / "seg" / name));
  }
  CHECK(fs::exists(temp / "seg" / "landmarks.json") == predicted);
  write_json(temp / "seg" / "segmentation.json", segmented);

  const MeasureJob measuring(settings, {});
  const MeasureInput input = measuring.load(study_at(temp / "seg"));
  json chained =
      measuring.write(study, input, measuring.process(input), temp / "measure", json::object());
  CHECK(measuring.input_files(study_at(temp / "seg")).size() == (predicted ? 2 : 1));

  json piped =
      PipelineJob(segmenter, {}, {}, settings)
          .write(study, film, PipelineResult{found, {}}, temp / "pipeline", json::object());
  CHECK(piped.at("measurements").at("angle_L2.sup_S1.sup").at("value").is_number());
  CHECK(piped.at("provenance").at("segmentation_notes") == json{"two components of L3"});
  CHECK(piped.at("provenance").at("landmark_method") == (predicted ? "predicted" : "fit"));
  CHECK(fs::exists(temp / "pipeline" / "overlay.png"));

  CHECK(piped.at("provenance").contains("outlines"));
  CHECK(piped.at("measurements").at("SS").at("standard_error").get<double>() > 0);
  CHECK(chained.at("measurements").size() == piped.at("measurements").size());
  for (const auto& [name, value] : piped.at("measurements").items()) {
    INFO(name);
    const json& other = chained.at("measurements").at(name);
    CHECK(value.at("status") == other.at("status"));
    CHECK(other == value);
  }
  CHECK(chained.at("qc") == piped.at("qc"));
  const auto landmarks = [&](const char* folder) {
    return to_json(read_landmarks(temp / folder / "landmarks.json"));
  };
  CHECK(landmarks("measure") == landmarks("pipeline"));
}

TEST_CASE("Endplates are predicted unless landmarks are requested from contours") {
  Segmenter segmenter =
      load_segmenter(tiny_weights("good"), "none", tiny_weights("endplates"), {"cpu"});
  const PipelineJob predicted(segmenter, {}, {}, {});
  CHECK(predicted.description().weights.at("endplates").at("name") == "endplates");
  MeasureSettings by_outlines;
  by_outlines.predicted = false;
  const PipelineJob fit(segmenter, {}, {}, by_outlines);
  CHECK(fit.description().options.at("measure").at("landmarks") == "fit");
  CHECK(fit.description().options != predicted.description().options);
}
