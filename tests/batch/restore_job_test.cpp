#include "spine/batch/restore_job.h"

#include "batch/tiny_restorer.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;

namespace fs = std::filesystem;

TEST_CASE("restoration.json and images are written") {
  const test::TempDir temp;
  Restorer restorer = test::tiny_restorer();
  RestoreOptions options;
  options.method = RestoreMethod::brightness;
  const RestoreJob job(restorer, options);
  CHECK(job.description().weights.at("implant").at("sha256").get<std::string>().size() == 64);
  CHECK(job.description().options.at("restore").at("method") == "brightness");

  Study study;
  study.id = "s";
  study.path = "x.png";
  const StudyFilm film{test::barred_film(), {}};
  const json record = job.write(study, film, job.process(film), temp.path(), json::object());
  CHECK(record.at("schema") == "spine-restoration/2");
  CHECK(record.at("implant_found") == true);
  CHECK(record.at("filled_in") == true);
  CHECK(record.at("count") == 1);
  CHECK(record.at("area_px") == 480);
  CHECK(record.at("boxes") == json{{60, 80, 40, 12}});
  CHECK(record.at("box_confidence") == json{1.0});
  CHECK(record.at("measurements").at("implant_area").at("value") == 120);
  CHECK(record.at("measurements").at("implant_area").at("unit") == "mm2");
  CHECK(record.at("spacing_mm") == json{0.5, 0.5});
  CHECK(fs::exists(temp / "preview.png"));
  ReadOptions as_is;
  as_is.detect_polarity = false;
  const Image mask = read_film(temp / "implant_mask.png", as_is);
  CHECK(cv::countNonZero(mask.pixels()) == 480);
  const Image restored = read_film(temp / "restored.png", as_is);
  CHECK(restored.pixels().type() == CV_16UC1);
}

TEST_CASE("weights by name come from the manifest, with the implant detection network") {
  CHECK_THROWS_AS(load_restorer("no such name", "default", "default", {"cpu"}), Error);
  const std::string file = test::tiny_weights("vqgan");
  CHECK_FALSE(load_restorer(file, "default", "default", {"cpu"}).implant_model);
}
