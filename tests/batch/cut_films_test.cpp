// The default weights on films of data_samples/ that end above the hips or are rotated.
#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/batch/pipeline_job.h"
#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::batch;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

Segmenter& segmenter() {
  static Segmenter loaded = load_segmenter("default", "default", "default", {"cpu"});
  return loaded;
}

cv::Mat sample() {
  return read_film(fs::path(SPINE_SAMPLES_DIR) / "films/sim-600001.png").pixels().clone();
}

json measured(const cv::Mat& pixels, const fs::path& folder) {
  Study study;
  study.id = "s";
  study.path = "x.png";
  const StudyFilm film{Image(pixels), {}};
  const PipelineJob job(segmenter(), {}, {}, {});
  return job.write(study, film, job.process(film), folder, json::object());
}

std::string status_of(const json& record, const char* name) {
  return record.at("measurements").at(name).at("status");
}

double value_of(const json& record, const char* name) {
  return record.at("measurements").at(name).at("value");
}

}  // namespace

TEST_CASE("Films ending above or within the femoral heads need no review") {
  const test::TempDir temp;
  const cv::Mat whole = sample();  // hips at rows 1026 and 1074, radii 73 and 82
  const json all = measured(whole, temp.path());
  CHECK(all.at("status") == "ok");
  CHECK_FALSE(all.contains("not_in_film"));

  const json short_film = measured(whole.rowRange(0, 920), temp.path());
  CHECK(short_film.at("not_in_film") == json{"femoral heads"});
  CHECK(short_film.at("status") == "ok");
  for (const char* name : {"PT", "PI", "PI_LL", "relative_LL", "schwab_PT"}) {
    CHECK(status_of(short_film, name) == kNotInFilm);
  }
  CHECK(value_of(short_film, "SS") == Approx(value_of(all, "SS")).margin(2));
  CHECK(value_of(short_film, "LL") == Approx(value_of(all, "LL")).margin(2));

  // Collimated instead of cropped.
  cv::Mat shut = whole.clone();
  shut.rowRange(920, shut.rows) = 0;
  const json collimated = measured(shut, temp.path());
  CHECK(collimated.at("not_in_film") == json{"femoral heads"});
  CHECK(collimated.at("status") == "ok");

  const json cropped = measured(whole.rowRange(0, 1105), temp.path());
  CHECK(cropped.at("qc") == json{"cropped_F1"});
  CHECK(cropped.at("status") == "ok");
  CHECK(value_of(cropped, "PT") == Approx(value_of(all, "PT")).margin(1.5));
}

TEST_CASE("A rotated film is flagged or fails") {
  const test::TempDir temp;
  for (const int turn : {cv::ROTATE_180, cv::ROTATE_90_CLOCKWISE, cv::ROTATE_90_COUNTERCLOCKWISE}) {
    INFO(turn);
    cv::Mat film;
    cv::rotate(sample(), film, turn);
    try {
      const json record = measured(film, temp.path());
      CHECK(record.at("status") != "ok");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::no_spine);
    }
  }
}
