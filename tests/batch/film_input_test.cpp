#include "spine/batch/film_input.h"

#include <fstream>

#include "batch/study_at.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using spine::batch::film_study_options;
using spine::batch::load_study_film;

using spine::test::study_at;

namespace {

cv::Mat noise() {
  cv::Mat pixels(80, 80, CV_8UC1);
  cv::RNG random(1);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  return pixels;
}

}  // namespace

TEST_CASE("a restored film inherits spacing, polarity and notes of the original") {
  const test::TempDir temp;
  write_image(temp / "restored.png", noise());
  Study study = study_at(temp / "restored.png");
  CHECK_FALSE(load_study_film(study).image.info().spacing);
  CHECK(film_study_options(study).at("spacing_mm").is_null());
  std::ofstream(temp / "restoration.json")
      << R"({"spacing_mm": [0.2, 0.3], "spacing_source": "detector_plane",
             "inverted": true, "notes": ["turned"]})";
  const FilmInfo info = load_study_film(study).image.info();
  CHECK(info.spacing == Spacing{0.2, 0.3});
  CHECK(info.spacing_source == SpacingSource::detector_plane);
  CHECK(info.inverted);
  CHECK(info.notes == std::vector<std::string>{"turned"});
  // Results depend on the spacing.
  CHECK(film_study_options(study).at("spacing_mm") == nlohmann::json{0.2, 0.3});
  study.spacing = Spacing{1, 1};
  CHECK(load_study_film(study).image.info().spacing == Spacing{1, 1});
  CHECK(load_study_film(study).image.info().spacing_source == SpacingSource::override_value);
  study.spacing.reset();
  std::ofstream(temp / "restoration.json") << R"({"spacing_mm": "wide"})";
  CHECK_THROWS_AS(load_study_film(study), Error);
}

TEST_CASE("other films ignore a restoration record beside them") {
  const test::TempDir temp;
  write_image(temp / "film.png", noise());
  std::ofstream(temp / "restoration.json")
      << R"({"spacing_mm": [0.2, 0.3], "spacing_source": "detector_plane"})";
  CHECK_FALSE(load_study_film(study_at(temp / "film.png")).image.info().spacing);
}

TEST_CASE("a restored film inherits the flags of reading and restoration") {
  const std::string record = GENERATE("restoration.json", "measurements.json");
  const test::TempDir temp;
  write_image(temp / "restored.png", noise());
  const Study study = study_at(temp / "restored.png");
  CHECK(load_study_film(study).image.info().flags.empty());
  std::ofstream(temp / record) << R"({"spacing_mm": null, "spacing_source": "none", "qc":
      ["order", "levels_uncertain", "implant_not_restored", "grey_uncertain"]})";
  const std::vector<std::string> flags{"implant_not_restored", "grey_uncertain"};
  CHECK(load_study_film(study).image.info().flags == flags);
  CHECK(film_study_options(study).at("flags") == flags);
}
