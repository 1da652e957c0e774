#include "spine/batch/film_record.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/report_io.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace {

json record_of(const StudyRecord& study, const Measurements& values) {
  json record = to_json("s", values, study.film, json::object());
  add_to_record(study, record);
  return record;
}

}  // namespace

TEST_CASE("A record is read back, with flags assigned to their sources") {
  const test::TempDir temp;
  StudyRecord study;
  study.film.spacing = Spacing{0.2, 0.3};
  study.film.spacing_source = SpacingSource::calibrated;
  study.exposed = cv::Rect(10, 20, 300, 400);
  study.masks_sha256 = {{"masks.tif", "ab"}, {"labels.png", "cd"}};
  study.contour_uncertainty = ContourUncertainty{Side::right, {}};
  study.contour_uncertainty->uncertainty.s1 = EndplateUncertainty{1.0 / 3, 0.1, 2e-7};
  study.contour_uncertainty->uncertainty.vertebrae[4] = {{1, 2, 3}, {4, 5, 6}};
  study.contour_uncertainty->uncertainty.femoral_heads = {0.1, std::nullopt};
  study.anterior = Side::left;
  study.restoration = {{"implant_found", true}, {"notes", {"filled in"}}};
  Measurements values;
  for (const Flag& flag : kFlags) values.qc.emplace_back(flag.name);
  write_json(temp / "r.json", record_of(study, values));

  const StudyRecord back = read_study_record(temp / "r.json");
  CHECK(back.film.spacing == study.film.spacing);
  CHECK(back.exposed == study.exposed);
  CHECK(back.masks_sha256 == study.masks_sha256);
  CHECK(back.anterior == Side::left);
  CHECK(back.restoration == study.restoration);
  REQUIRE(back.contour_uncertainty);
  CHECK(back.contour_uncertainty->anterior == Side::right);
  const LandmarkUncertainty& uncertainty = back.contour_uncertainty->uncertainty;
  CHECK(uncertainty.s1->turn_deg == 1.0 / 3);  // not rounded
  CHECK(uncertainty.s1->across == 2e-7);
  CHECK(uncertainty.vertebrae[4]->inf.along == 5);
  CHECK_FALSE(uncertainty.vertebrae[3]);
  CHECK(uncertainty.femoral_heads == study.contour_uncertainty->uncertainty.femoral_heads);
  std::vector<std::string> film, segmentation;
  for (const Flag& flag : kFlags) {
    if (flag.source < FlagSource::segmentation) film.emplace_back(flag.name);
    if (flag.source == FlagSource::segmentation) segmentation.emplace_back(flag.name);
  }
  CHECK(back.film.flags == film);
  CHECK(back.segmentation_flags == segmentation);
}

TEST_CASE("Records of earlier versions are read, errors for damaged ones name them") {
  const test::TempDir temp;
  write_json(temp / "old.json", {{"spacing_mm", nullptr}, {"spacing_source", "none"}});
  const StudyRecord old = read_study_record(temp / "old.json");
  CHECK(old.film.flags.empty());
  CHECK_FALSE(old.exposed);
  CHECK_FALSE(old.contour_uncertainty);
  for (const json& damage :
       {json{{"qc", "order"}}, json{{"exposed_field", {1, 2}}}, json{{"masks_sha256", 5}},
        json{{"contour_uncertainty", json::array()}}, json{{"spacing_mm", {-0.2, 0.2}}},
        json{{"spacing_mm", {0.2, 0.0}}}}) {
    INFO(damage);
    json record{{"spacing_mm", nullptr}, {"spacing_source", "none"}};
    record.update(damage);
    write_json(temp / "damaged.json", record);
    try {
      read_study_record(temp / "damaged.json");
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::unreadable);
      CHECK(std::string(error.what()).find("damaged.json") != std::string::npos);
    }
  }
}

TEST_CASE("A given spacing replaces assumptions about the pixel shape") {
  FilmInfo film;
  film.flags = {"implant", "pixel_shape_uncertain"};
  CHECK(with_spacing(film, std::nullopt).flags == film.flags);
  CHECK(with_spacing(film, Spacing{1, 1}).flags == std::vector<std::string>{"implant"});
}
