#include "spine/batch/film_input.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/io/image_io.h"

using namespace spine;
using spine::batch::read_study_film;

namespace {

Study study_at(const std::filesystem::path& path) {
  Study study;
  study.id = "s";
  study.path = path;
  return study;
}

cv::Mat noise() {
  cv::Mat pixels(80, 80, CV_8UC1);
  cv::RNG random(1);
  random.fill(pixels, cv::RNG::UNIFORM, 0, 255);
  return pixels;
}

}  // namespace

TEST_CASE("a restored film has the spacing of the film that it was") {
  const test::TempDir temp;
  write_image(temp / "restored.png", noise());
  CHECK_FALSE(read_study_film(study_at(temp / "restored.png")).info().spacing);
  std::ofstream(temp / "restoration.json") << R"({"spacing_mm": [0.2, 0.3]})";
  CHECK(read_study_film(study_at(temp / "restored.png")).info().spacing == Spacing{0.2, 0.3});
  Study study = study_at(temp / "restored.png");
  study.spacing = Spacing{1, 1};
  CHECK(read_study_film(study).info().spacing == Spacing{1, 1});
  std::ofstream(temp / "restoration.json") << R"({"spacing_mm": "wide"})";
  CHECK_FALSE(read_study_film(study_at(temp / "restored.png")).info().spacing);
}

TEST_CASE("other films know nothing of a restoration beside them") {
  const test::TempDir temp;
  write_image(temp / "film.png", noise());
  std::ofstream(temp / "restoration.json") << R"({"spacing_mm": [0.2, 0.3]})";
  CHECK_FALSE(read_study_film(study_at(temp / "film.png")).info().spacing);
}

TEST_CASE("weights are a file by their ending or by being there") {
  CHECK(spine::batch::is_weights_file("a/b.safetensors"));
  CHECK_FALSE(spine::batch::is_weights_file("default"));
}
