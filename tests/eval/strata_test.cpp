#include "spine/eval/strata.h"

#include <fstream>

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/util/csv.h"

using namespace spine;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

Evaluation three_studies() {
  Evaluation evaluation;
  MetricEvaluation metric{
      "PT", "deg", {{10, 11}, {20, 23}, {30, std::nullopt}}, {"a", "b", "c"}, {}};
  metric.stats = summarise(metric.pairs);
  evaluation.metrics.push_back(metric);
  return evaluation;
}

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("groups are evaluated separately") {
  const Strata strata{"scanner", {{"a", "old"}, {"c", "old"}}};
  const auto rows = parse_csv(to_csv(three_studies(), strata));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].cells[0] == "scanner");
  CHECK(rows[1].cells[0] == "old");
  CHECK(rows[1].cells[3] == "1.000");     // MAE
  CHECK(rows[1].cells.back() == "50.0");  // completed
  CHECK(rows[2].cells[0] == "unknown");   // b
  CHECK(rows[2].cells[3] == "3.000");
}

TEST_CASE("studies are grouped by the status of the prediction") {
  const TempDir dir;
  for (const char* study : {"a", "b", "c"}) fs::create_directory(dir / study);
  write(dir / "a" / "measurements.json", R"({"status": "review"})");
  write(dir / "b" / "measurements.json", "{}");
  const Strata strata = strata_by_status(dir.path());
  CHECK(strata.value_of == std::map<std::string, std::string>{{"a", "review"}});
  CHECK_THROWS_AS(strata_by_status(dir / "nowhere"), Error);
}

TEST_CASE("a column of a CSV groups studies") {
  const TempDir dir;
  write(dir / "cohort.csv", "study_id,scanner\na,old\nb,\nc,\"new, 2\"\n");
  const Strata strata = strata_from_csv(dir / "cohort.csv", "scanner");
  CHECK(strata.value_of.at("a") == "old");
  CHECK(strata.value_of.count("b") == 0);
  CHECK(strata.value_of.at("c") == "new, 2");
}

TEST_CASE("a missing column is named with the existing ones") {
  const TempDir dir;
  write(dir / "cohort.csv", "study,age\na,70\n");
  try {
    strata_from_csv(dir / "cohort.csv", "scanner");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()).find("expected a column scanner, found study, age") !=
          std::string::npos);
  }
}

TEST_CASE("studies are grouped by implants in the truth") {
  const TempDir dir;
  for (const char* study : {"implant", "empty", "bare"}) fs::create_directories(dir / study);
  cv::Mat mask = cv::Mat::zeros(80, 80, CV_8UC1);
  write_image(dir / "empty/implant_mask.png", mask);
  mask.at<std::uint8_t>(40, 40) = 255;
  write_image(dir / "implant/implant_mask.png", mask);
  const Strata strata = strata_by_implant(dir.path());
  CHECK(strata.value_of.at("implant") == "implant");
  CHECK(strata.value_of.at("empty") == "none");
  CHECK(strata.value_of.at("bare") == "none");
  CHECK_THROWS_AS(strata_by_implant(dir / "nowhere"), Error);
}
