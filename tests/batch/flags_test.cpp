// spine-restore, spine-seg and spine-measure, run one after the other on files, give the results of
// spine-pipeline: measurements, standard errors, flags and status.
#include "spine/core/flags.h"

#include <functional>

#include "batch/study_at.h"
#include "batch/synthetic_masks.h"
#include "batch/tiny_restorer.h"
#include "batch/tiny_weights.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/batch/pipeline_job.h"
#include "spine/batch/restore_job.h"
#include "spine/batch/segment_job.h"
#include "spine/io/mask_io.h"
#include "spine/stages/segment/contour.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

using spine::test::study_at;
using spine::test::tiny_weights;

namespace {

Segmenter& segmenter() {
  static Segmenter one =
      load_segmenter(tiny_weights("good"), "none", tiny_weights("endplates"), {"cpu"});
  return one;
}

Image film_of(const FilmInfo& info) {
  cv::Mat pixels(test::kMaskHeight, test::kMaskWidth, CV_8UC1);
  for (int y = 0; y < pixels.rows; ++y) pixels.row(y).setTo(y / 4);
  return Image(pixels, info);
}

/// Text detection takes most of the time of a job and affects no flag.
const Deidentification kNoSearchForText{true, std::nullopt};

/// A film with the results of the networks.
struct Case {
  FilmInfo film;
  Segmentation segmentation;
  std::vector<std::string> landmark_flags;  ///< as raised by locating or predicting landmarks
  std::optional<double> head_uncertainty = 0.02;
  double turn_sd_deg = 1;
  bool implant = false, filled_in = false;
  std::optional<Side> anterior;
};

Case plain_case() {
  Case c;
  c.film.spacing = Spacing{0.3, 0.3};
  c.film.spacing_source = SpacingSource::detector_plane;
  c.segmentation.masks = test::synthetic_masks();
  c.segmentation.confidence.fill(0.75);
  c.segmentation.spine_found = true;
  // Predicted contours, slightly off those of the masks.
  for (const Structure s : kStructures) {
    const auto region = largest_region(c.segmentation.masks[s]);
    for (const auto& p : outline_points(*region, c.segmentation.masks.size())) {
      c.segmentation.outlines[index(s)].push_back({p + cv::Point2d(0.7, -0.4), 3.0 + 0.01 * p.y});
    }
  }
  return c;
}

void erase(Case& c, Structure s) {
  const cv::Size size = c.segmentation.masks.size();
  c.segmentation.masks.set(s, cv::Mat::zeros(size, CV_8UC1));
  c.segmentation.outlines[index(s)].clear();
  c.segmentation.confidence[index(s)] = 0;
}

StudyFilm film_of(const Case& c) { return {film_of(c.film), c.anterior}; }

SegmentedFilm segmented(const Case& c, bool predicted) {
  SegmentedFilm result{c.segmentation, {}};
  if (!predicted) return result;
  LocateOptions options;
  options.anterior = c.anterior;
  options.spacing = c.film.spacing;
  result.landmarks = PredictedLandmarks{locate(c.segmentation.masks, options), {}};
  Located& located = result.landmarks->located;
  // Different from any contour, with more digits than a file has.
  for (auto& body : located.landmarks.vertebrae) {
    if (body) body->sup.ant += cv::Point2d(1.0 / 3, -2.0 / 7);
  }
  located.qc.insert(located.qc.end(), c.landmark_flags.begin(), c.landmark_flags.end());
  const EndplateUncertainty sure{c.turn_sd_deg / 3, 0.02 / 3, 0.01 / 3};
  LandmarkUncertainty& uncertainty = result.landmarks->uncertainty;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (located.landmarks.vertebrae[i]) uncertainty.vertebrae[i] = {sure, sure};
  }
  if (located.landmarks.s1) uncertainty.s1 = sure;
  uncertainty.femoral_heads.assign(located.landmarks.femoral_heads.size(), c.head_uncertainty);
  return result;
}

std::optional<Restoration> restored(const Case& c) {
  if (!c.implant) return std::nullopt;
  const Image film = film_of(c.film);
  cv::Mat mask = cv::Mat::zeros(film.size(), CV_8UC1);
  mask(cv::Rect(5, 5, 20, 20)) = 255;
  const cv::Mat plane(64, 40, CV_32FC1, cv::Scalar(0.5));
  return Restoration{film, mask, {{{5, 5, 20, 20}, 0.9}}, c.filled_in, 0.9, {}, plane, plane};
}

json pipeline(const Case& c, bool predicted, const MeasureSettings& settings,
              const fs::path& folder) {
  fs::create_directories(folder);
  PipelineResult result{segmented(c, predicted && settings.takes_predicted()), restored(c)};
  json record = PipelineJob(segmenter(), {}, {}, settings, kNoSearchForText)
                    .write(study_at("x.png"), film_of(c), result, folder, json::object());
  write_json(folder / "measurements.json", record);
  return record;
}

/// The input of spine-seg: the film of the case, or its restoration by spine-restore.
StudyFilm film_to_segment(const Case& c, const fs::path& folder) {
  if (!c.implant) return film_of(c);
  static Restorer restorer = test::tiny_restorer();
  fs::create_directories(folder);
  write_json(folder / "restoration.json", RestoreJob(restorer, {}, kNoSearchForText)
                                              .write(study_at("x.png"), {film_of(c.film), {}},
                                                     *restored(c), folder, json::object()));
  return {load_study_film(study_at(folder / "restored.png")).image, c.anterior};
}

void segment_into(const Case& c, bool predicted, const fs::path& folder) {
  fs::create_directories(folder);
  write_json(folder / "segmentation.json",
             SegmentJob(segmenter(), {}, kNoSearchForText)
                 .write(study_at("x.png"), film_to_segment(c, folder / "restored"),
                        segmented(c, predicted), folder, json::object()));
}

json measured(const fs::path& input, const MeasureSettings& settings, const fs::path& folder,
              const std::optional<Side>& anterior = std::nullopt) {
  fs::create_directories(folder);
  const MeasureJob job(settings, {});
  Study study = study_at(input);
  study.anterior = anterior;
  const MeasureInput loaded = job.load(study);
  json record = job.write(study, loaded, job.process(loaded), folder, json::object());
  write_json(folder / "measurements.json", record);
  return record;
}

bool has(const json& record, std::string_view flag) {
  return std::any_of(record.at("qc").begin(), record.at("qc").end(),
                     [&](const json& f) { return f == flag; });
}

void check_same(const json& a, const json& b) {
  for (const char* key : {"measurements", "qc", "status", "review", "spacing_mm", "spacing_source",
                          "notes", "exposed_field"}) {
    INFO(key);
    CHECK(a.at(key) == b.at(key));
  }
  CHECK(a.value("not_in_film", json()) == b.value("not_in_film", json()));
}

void check_chain(const Case& c, bool predicted, const MeasureSettings& settings) {
  const test::TempDir temp;
  const json piped = pipeline(c, predicted, settings, temp / "pipeline");
  segment_into(c, predicted, temp / "seg");
  check_same(measured(temp / "seg", settings, temp / "a"), piped);
  check_same(measured(temp / "seg" / "masks.tif", settings, temp / "b"), piped);
  // From the results of the pipeline: elsewhere, in place, in place again.
  check_same(measured(temp / "pipeline", settings, temp / "c"), piped);
  check_same(measured(temp / "pipeline", settings, temp / "pipeline"), piped);
  check_same(measured(temp / "pipeline", settings, temp / "pipeline"), piped);
}

MeasureSettings settings_of(const std::string& landmarks) {
  MeasureSettings settings;
  settings.predicted = landmarks == "auto";
  if (landmarks == "baseline") settings.method = LandmarkMethod::baseline;
  settings.angles = {AnglePair::parse("L2.sup:S1.sup")};
  return settings;
}

}  // namespace

TEST_CASE("Every flag is passed from command to command as by the pipeline") {
  for (const Flag& flag : kFlags) {
    INFO(flag.name);
    Case c = plain_case();
    const std::string name(flag.name);
    switch (flag.source) {
      case FlagSource::reading:
        c.film.flags = {name};
        break;
      case FlagSource::restoration:
        c.implant = true;
        c.filled_in = name == "implant";
        break;
      case FlagSource::segmentation:
        c.segmentation.labelling_ambiguity = 1;
        break;
      case FlagSource::landmarks:
      case FlagSource::values:
        c.landmark_flags = {name};
        break;
    }
    const test::TempDir temp;
    const json piped = pipeline(c, true, {}, temp / "pipeline");
    CHECK(has(piped, flag.name));
    CHECK((piped.at("status") == "review") == flag.reason);
    check_chain(c, true, {});
    if (flag.source > FlagSource::segmentation) continue;
    for (const std::string landmarks : {"fit", "baseline"}) {
      const json by_outlines = pipeline(c, false, settings_of(landmarks), temp / landmarks);
      CHECK(has(by_outlines, flag.name));
      check_chain(c, false, settings_of(landmarks));
    }
    // Intermediate records have it too.
    segment_into(c, true, temp / "seg");
    const json segmentation = read_json(temp / "seg" / "segmentation.json");
    CHECK(has(segmentation, flag.name));
    CHECK((segmentation.at("status") == "review") == flag.reason);
  }
}

TEST_CASE("Separate commands give the results of the pipeline for any film") {
  using Change = std::pair<const char*, std::function<void(Case&)>>;
  const std::vector<Change> changes{
      {"nothing", [](Case&) {}},
      {"one head", [](Case& c) { erase(c, Structure::F2); }},
      {"no head", [](Case& c) { erase(c, Structure::F1), erase(c, Structure::F2); }},
      {"no L3", [](Case& c) { erase(c, Structure::L3); }},
      {"no sacrum", [](Case& c) { erase(c, Structure::S); }},
      {"no L1 and L2", [](Case& c) { erase(c, Structure::L1), erase(c, Structure::L2); }},
      {"unsure",
       [](Case& c) {
         c.turn_sd_deg = 30;
         c.head_uncertainty = 0.4;
         for (auto& outline : c.segmentation.outlines) {
           for (auto& p : outline) p.width *= 12;
         }
       }},
      {"heads of unknown uncertainty", [](Case& c) { c.head_uncertainty.reset(); }},
      {"no spacing", [](Case& c) { c.film.spacing.reset(); }},
      {"pixels that are not square",
       [](Case& c) {
         c.film.spacing = Spacing{0.3, 0.2};
       }},
      {"pixels of known shape", [](Case& c) { c.film.spacing = relative_spacing(1.2); }},
      {"everything at once",
       [](Case& c) {
         c.film.flags = {"pixel_shape_uncertain"};
         c.film.notes = {"turned"};
         c.implant = true;
         c.segmentation.labelling_ambiguity = 1;
         c.landmark_flags = {"unclear_L2"};
       }},
      {"anterior side as given", [](Case& c) { c.anterior = Side::left; }},
      {"other anterior side", [](Case& c) { c.anterior = Side::right; }},
  };
  for (const auto& [name, change] : changes) {
    INFO(name);
    Case c = plain_case();
    change(c);
    check_chain(c, true, settings_of("auto"));
    check_chain(c, true, settings_of("fit"));
    check_chain(c, true, settings_of("baseline"));
    check_chain(c, false, settings_of("auto"));  // --endplates none
  }
}

TEST_CASE("Large standard errors of landmarks from contours are flagged by separate commands too") {
  Case c = plain_case();
  for (auto& outline : c.segmentation.outlines) {
    for (auto& p : outline) p.width *= 12;
  }
  const test::TempDir temp;
  segment_into(c, false, temp / "seg");
  const json record = measured(temp / "seg", {}, temp / "a");
  CHECK(record.at("measurements").at("SS").contains("standard_error"));
  CHECK(has(record, "uncertain_SS"));
  CHECK(record.at("status") == "review");
}

TEST_CASE("Edited masks lose only the flags of the segmentation") {
  Case c = plain_case();
  c.film.flags = {"pixel_shape_uncertain"};
  c.implant = true;
  c.segmentation.labelling_ambiguity = 1;
  c.landmark_flags = {"unclear_L2"};
  const std::string changed = GENERATE(std::string("masks.tif"), std::string("labels.png"));
  const test::TempDir temp;
  segment_into(c, true, temp / "seg");
  const fs::path file = temp / "seg" / changed;
  const fs::path input = changed == "masks.tif" ? temp / "seg" : file;
  CHECK(has(measured(input, {}, temp / "before"), "levels_uncertain"));
  erase(c, Structure::L1);
  if (changed == "masks.tif") {
    write_masks(file, c.segmentation.masks);
  } else {
    write_labels(file, c.segmentation.masks);
  }
  const json record = measured(input, {}, temp / "after");
  CHECK(record.at("qc") == json{"implant_not_restored", "pixel_shape_uncertain"});
  CHECK(record.at("provenance").at("landmark_method") == "fit");
  CHECK_FALSE(record.at("measurements").at("SS").contains("standard_error"));
  CHECK(record.at("spacing_mm") == json{0.3, 0.3});
  // It remains so.
  CHECK(measured(temp / "after" / "landmarks.json", {}, temp / "again").at("qc") ==
        record.at("qc"));
}

TEST_CASE("Unmodified landmarks are measured like their folder") {
  Case c = plain_case();
  c.film.flags = {"pixel_shape_uncertain"};
  c.implant = true;
  c.segmentation.labelling_ambiguity = 1;
  c.landmark_flags = {"unclear_L2"};
  const test::TempDir temp;
  segment_into(c, true, temp / "seg");
  const json record = measured(temp / "seg", {}, temp / "a");
  check_same(measured(temp / "seg" / "landmarks.json", {}, temp / "b"), record);
  CHECK(read_json(temp / "a" / "landmarks.json") == read_json(temp / "b" / "landmarks.json"));
  // Elsewhere, beside their own record only.
  check_same(measured(temp / "a" / "landmarks.json", {}, temp / "c"), record);

  // A moved landmark counts as edited: flags that do not concern landmarks are kept.
  json document = read_json(temp / "seg" / "landmarks.json");
  document["S1"]["sup_post"][0] = document["S1"]["sup_post"][0].get<double>() + 5;
  write_json(temp / "seg" / "landmarks.json", document);
  const json moved = measured(temp / "seg" / "landmarks.json", {}, temp / "d");
  CHECK(moved.at("provenance").at("landmark_method") == "given");
  CHECK(moved.at("qc") ==
        json{"levels_uncertain", "implant_not_restored", "pixel_shape_uncertain"});
  CHECK(moved.at("measurements").at("SS") != record.at("measurements").at("SS"));
  CHECK_FALSE(moved.at("measurements").at("SS").contains("standard_error"));
  CHECK(moved.at("spacing_mm") == record.at("spacing_mm"));
}

TEST_CASE("A given anterior side is not flagged as uncertain") {
  Case c = plain_case();
  c.landmark_flags = {"anterior_uncertain"};
  const test::TempDir temp;
  segment_into(c, true, temp / "seg");
  CHECK(has(measured(temp / "seg", {}, temp / "a"), "anterior_uncertain"));
  CHECK_FALSE(has(measured(temp / "seg", {}, temp / "b", Side::left), "anterior_uncertain"));
}

TEST_CASE("Results of masks depend on their record") {
  Case c = plain_case();
  const test::TempDir temp;
  const MeasureJob job({}, {});
  const auto options = [&] { return job.study_options(study_at(temp / "seg")); };
  segment_into(c, true, temp / "seg");
  const json before = options();
  measured(temp / "seg", {}, temp / "seg");
  CHECK(options() == before);
  c.film.flags = {"grey_uncertain"};
  segment_into(c, true, temp / "seg");
  CHECK(options() != before);
}
