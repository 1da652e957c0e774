#include "spine/eval/evaluate.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/as_nobody.h"
#include "support/catch.h"
#include "support/few_threads.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/eval/evaluation_report.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/measure/measure.h"
#include "spine/util/atomic_file.h"

using namespace spine;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

SyntheticSpine spine_of(unsigned seed) {
  SyntheticSpine spine = random_spine(seed);
  spine.px_per_mm_x = spine.px_per_mm_y = 1;
  spine.film = {280, 420};
  spine.hip_px = {120, 350};
  return spine;
}

void write_study(const fs::path& folder, const SyntheticSpine& spine, bool masks,
                 double turn_s1_px = 0) {
  fs::create_directories(folder);
  Landmarks marks = true_landmarks(spine);
  marks.s1->ant.y += turn_s1_px;
  write_landmarks(folder / "landmarks.json", marks);
  if (masks) write_masks(folder / "masks.tif", true_masks(spine));
}

const MetricEvaluation& metric(const Evaluation& evaluation, const std::string& name) {
  const auto it = std::find_if(evaluation.metrics.begin(), evaluation.metrics.end(),
                               [&](const MetricEvaluation& m) { return m.name == name; });
  REQUIRE(it != evaluation.metrics.end());
  return *it;
}

/// Mean Dice over the studies that have one.
double mean_dice(const Evaluation& evaluation, Structure s) {
  double sum = 0;
  int count = 0;
  for (const auto& study : evaluation.studies) {
    if (!study.dice[index(s)]) continue;
    sum += *study.dice[index(s)];
    ++count;
  }
  REQUIRE(count > 0);
  return sum / count;
}

}  // namespace

TEST_CASE("the truth against itself is perfect") {
  const TempDir dir;
  for (unsigned seed = 0; seed < 3; ++seed) {
    write_study(dir / "truth" / std::to_string(seed), spine_of(seed), true);
  }
  const Evaluation evaluation = evaluate(dir / "truth", dir / "truth");
  CHECK(evaluation.has_masks);
  CHECK(evaluation.studies.size() == 3);
  for (const Structure s : kStructures) CHECK(mean_dice(evaluation, s) == near(1));
  for (const char* name : {"PT", "SS", "PI", "LL"}) {
    CHECK(metric(evaluation, name).stats.mean_absolute == near(0));
    CHECK(metric(evaluation, name).stats.completed == 3);
  }
}

TEST_CASE("errors are those of the prediction") {
  const TempDir dir;
  write_study(dir / "truth/a", spine_of(1), false);
  write_study(dir / "pred/a", spine_of(1), false, 3);
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK_FALSE(evaluation.has_masks);
  const double ss = metric(evaluation, "SS").stats.bias;
  CHECK(ss > 2);
  CHECK(metric(evaluation, "LL").stats.bias == near(ss, 1e-3));
  CHECK(metric(evaluation, "segmental_L1_L2").stats.mean_absolute == near(0, 1e-3));
}

TEST_CASE("exchanged heads agree in dice_either_way only") {
  const TempDir dir;
  for (const char* side : {"truth/a", "pred/a"}) write_study(dir / side, spine_of(1), true);
  MaskStack masks = read_masks(dir / "truth/a/masks.tif");
  const cv::Mat first = masks[Structure::F1].clone();
  masks.set(Structure::F1, masks[Structure::F2]);
  masks.set(Structure::F2, first);
  write_masks(dir / "pred/a/masks.tif", masks);
  const StudyEvaluation study = evaluate(dir / "pred", dir / "truth").studies.at(0);
  for (const Structure head : {Structure::F1, Structure::F2}) {
    CHECK(*study.dice[index(head)] < 0.99);
    CHECK(*study.dice_either_way[index(head)] == near(1));
  }
  CHECK(study.dice[index(Structure::L3)] == study.dice_either_way[index(Structure::L3)]);
}

TEST_CASE("a study without prediction counts as Dice 0 and not completed") {
  const TempDir dir;
  for (const char* name : {"a", "b"}) write_study(dir / "truth" / name, spine_of(1), true);
  write_study(dir / "pred/a", spine_of(1), true);
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK(mean_dice(evaluation, Structure::L3) == near(0.5));
  CHECK(metric(evaluation, "PT").stats.count == 2);
  CHECK(metric(evaluation, "PT").stats.completed == 1);
  CHECK(evaluation.studies[1].error == "no prediction");
}

TEST_CASE("an unreadable prediction or one of another size is a row with its reason") {
  const TempDir dir;
  for (const char* name : {"a", "b"}) write_study(dir / "truth" / name, spine_of(1), true);
  write_study(dir / "pred/a", spine_of(1), false);
  write_masks(dir / "pred/a/masks.tif", MaskStack({10, 10}));
  fs::create_directories(dir / "pred/b");
  std::ofstream(dir / "pred/b/landmarks.json") << "{";
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK(evaluation.studies[0].error.find("size") != std::string::npos);
  CHECK(evaluation.studies[1].error.find("landmarks.json") != std::string::npos);
  CHECK(mean_dice(evaluation, Structure::S) == near(0));
}

TEST_CASE("reasons are listed, and an unreadable reference does not count") {
  const TempDir dir;
  for (const char* name : {"a", "b"}) write_study(dir / "truth" / name, spine_of(1), true);
  std::ofstream(dir / "truth/b/measurements.json") << "{";
  write_study(dir / "pred/a", spine_of(1), false);
  std::ofstream(dir / "pred/a/landmarks.json") << "[]";
  write_study(dir / "pred/b", spine_of(1), false);
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK(any_unreadable(evaluation));
  CHECK_FALSE(evaluation.studies[1].counts);
  CHECK(metric(evaluation, "PT").stats.count == 1);
  const std::string text = to_markdown(evaluation);
  CHECK(text.find("0 without a prediction") != std::string::npos);
  CHECK(text.find("| a     | ") != std::string::npos);
  CHECK(text.find("| b     | truth: ") != std::string::npos);
}

TEST_CASE("a length in another unit than the truth's is not completed") {
  const TempDir dir;
  for (const char* side : {"truth/a", "pred/a"}) write_study(dir / side, spine_of(1), false);
  const auto with_length = [&](const char* side, const char* unit) {
    std::ofstream(dir / side / "measurements.json")
        << R"({"schema":"spine-measurements/2","study":"a","measurements":{"disc_height_L4_L5_mean":)"
        << R"({"value":9.0,"unit":")" << unit << R"(","status":"ok"}}})";
  };
  with_length("truth/a", "mm");
  with_length("pred/a", "px");
  const auto stats = metric(evaluate(dir / "pred", dir / "truth"), "disc_height_L4_L5_mean").stats;
  CHECK(stats.count == 1);
  CHECK(stats.completed == 0);
}

TEST_CASE("values of measurements.json are used if available") {
  const TempDir dir;
  write_study(dir / "truth/a", spine_of(1), false);
  write_study(dir / "pred/a", spine_of(1), false);
  std::ofstream(dir / "pred/a/measurements.json")
      << R"({"schema":"spine-measurements/2","study":"a","measurements":{)"
      << R"("PT":{"value":50.0,"unit":"deg","status":"ok"},)"
      << R"("SS":{"value":null,"unit":"deg","status":"missing: S1"}},"spacing_mm":[0.5,0.5]})";
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK(metric(evaluation, "PT").stats.mean_absolute > 20);
  CHECK(metric(evaluation, "SS").stats.completed == 0);
  CHECK(metric(evaluation, "disc_height_L4_L5_mean").unit == "mm");
}

TEST_CASE("a value outside the film is not completed, and counts if the reference has it") {
  const TempDir dir;
  const auto write = [&](const char* folder, const char* pt, const char* ss) {
    std::filesystem::create_directories(dir / folder);
    std::ofstream(dir / folder / "measurements.json")
        << R"({"schema":"spine-measurements/2","study":"a","measurements":{)"
        << R"("PT":{"unit":"deg",)" << pt << R"(},"SS":{"unit":"deg",)" << ss
        << R"(}},"spacing_mm":null})";
  };
  const char* beyond = R"("value":null,"status":"not_in_film")";
  const char* given = R"("value":20.0,"status":"ok")";
  write("truth/a", given, given);
  write("truth/b", beyond, given);
  write("pred/a", beyond, given);
  write("pred/b", beyond, given);
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  CHECK(metric(evaluation, "PT").stats.count == 1);
  CHECK(metric(evaluation, "PT").stats.completed == 0);
  CHECK(metric(evaluation, "SS").stats.completed == 2);
}

TEST_CASE("masks can be excluded and Hausdorff distances requested") {
  const TempDir dir;
  write_study(dir / "truth/a", spine_of(1), true);
  EvaluateOptions options;
  options.landmarks_only = true;
  CHECK_FALSE(evaluate(dir / "truth", dir / "truth", options).has_masks);
  options = {};
  options.hausdorff = true;
  const auto evaluation = evaluate(dir / "truth", dir / "truth", options);
  CHECK(*evaluation.studies[0].hausdorff95_px[0] == near(0));
}

TEST_CASE("tables are written") {
  const TempDir dir;
  write_study(dir / "truth/a", spine_of(1), true);
  const Evaluation evaluation = evaluate(dir / "truth", dir / "truth");
  write_evaluation(dir / "out", evaluation);
  CHECK(read_file(dir / "out/dice.csv").find("a,L1,1.00000,") != std::string::npos);
  CHECK(read_file(dir / "out/errors.csv").find("a,PT,deg,") != std::string::npos);
  CHECK(read_file(dir / "out/summary.csv").find("\nPI,deg,0.000,") != std::string::npos);
  const std::string markdown = read_file(dir / "out/summary.md");
  CHECK(markdown.find("| average") != std::string::npos);
  CHECK(markdown.find("1 studies, 0 without") != std::string::npos);
}

TEST_CASE("missing and empty folders are not found") {
  const TempDir dir;
  fs::create_directories(dir / "empty");
  write_study(dir / "truth/a", spine_of(1), false);
  CHECK_THROWS_AS(evaluate(dir / "none", dir / "truth"), Error);
  CHECK_THROWS_AS(evaluate(dir / "truth", dir / "empty"), Error);
}

TEST_CASE("intersection over union follows from Dice, study by study") {
  const TempDir dir;
  write_study(dir / "truth/a", spine_of(1), true);
  write_study(dir / "pred/a", spine_of(1), false);
  MaskStack half = read_masks(dir / "truth/a/masks.tif");
  cv::Mat body = half[Structure::L3].clone();
  const cv::Rect box = cv::boundingRect(body);
  body(cv::Rect(box.x, box.y, box.width / 2, box.height)).setTo(0);
  half.set(Structure::L3, body);
  write_masks(dir / "pred/a/masks.tif", half);
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  write_evaluation(dir / "out", evaluation);
  const double dice = *evaluation.studies[0].dice[index(Structure::L3)];
  CHECK(dice > 0.5);
  CHECK(dice < 0.8);
  std::istringstream lines(read_file(dir / "out/dice.csv"));
  std::string line;
  while (std::getline(lines, line) && line.rfind("a,L3,", 0) != 0) {
  }
  CHECK(std::stod(line.substr(line.rfind(',') + 1)) == near(dice / (2 - dice), 1e-4));
}

TEST_CASE("predictions and reference are compared as two raters if there are enough studies") {
  const TempDir dir;
  for (unsigned seed = 0; seed < 6; ++seed) {
    write_study(dir / "truth" / std::to_string(seed), spine_of(seed), false);
    write_study(dir / "pred" / std::to_string(seed), spine_of(seed), false, seed % 2 == 0 ? 1 : -1);
    if (seed == 1) {
      CHECK(to_markdown(evaluate(dir / "pred", dir / "truth")).find("not enough cases") !=
            std::string::npos);
    }
  }
  const Evaluation evaluation = evaluate(dir / "pred", dir / "truth");
  write_evaluation(dir / "out", evaluation);
  const std::string agreement = read_file(dir / "out/agreement.csv");
  CHECK(agreement.rfind("metric,unit,r (95 % CI),\"ICC(2,1) (95 % CI)\"", 0) == 0);
  CHECK(agreement.find("SS,deg,0.9") != std::string::npos);
  CHECK(read_file(dir / "out/summary.tex").find("\\toprule") != std::string::npos);
}

TEST_CASE("results do not depend on the number of threads") {
  const TempDir dir;
  for (unsigned seed = 0; seed < 7; ++seed) {
    write_study(dir / "truth" / std::to_string(seed), spine_of(seed), true);
    if (seed != 3) write_study(dir / "pred" / std::to_string(seed), spine_of(seed), true, seed);
  }
  EvaluateOptions threads;
  threads.threads = 3;
  const Evaluation one = evaluate(dir / "pred", dir / "truth");
  const Evaluation three = evaluate(dir / "pred", dir / "truth", threads);
  CHECK(to_markdown(one) == to_markdown(three));
  CHECK(one.studies[3].study == three.studies[3].study);
}

TEST_CASE("results are complete with fewer threads than requested, or none") {
  const TempDir dir;
  for (unsigned seed = 0; seed < 5; ++seed) {
    write_study(dir / "truth" / std::to_string(seed), spine_of(seed), true);
    write_study(dir / "pred" / std::to_string(seed), spine_of(seed), true, seed);
  }
  const std::string expected = to_markdown(evaluate(dir / "pred", dir / "truth"));
  for (const int given : {0, 1}) {
    const FewThreads few(given);
    EvaluateOptions options;
    options.threads = 4;
    CHECK(to_markdown(evaluate(dir / "pred", dir / "truth", options)) == expected);
  }
}

TEST_CASE("an exception of one study is a row, and the others are compared") {
  const TempDir dir;
  for (const char* study : {"a", "b", "c", "d", "e"}) {
    write_study(dir / "truth" / study, spine_of(1), true);
    write_study(dir / "pred" / study, spine_of(1), true);
  }
  // A record of wrong types, a circular link, and files without read permission.
  std::ofstream(dir / "pred/a/measurements.json") << R"({"measurements": [1, {"unit": 3}]})";
  fs::remove(dir / "pred/b/masks.tif");
  fs::create_symlink("masks.tif", dir / "pred/b/masks.tif");
  fs::permissions(dir.path(), fs::perms::all);
  fs::permissions(dir / "pred/c", fs::perms::none);
  fs::permissions(dir / "truth/d", fs::perms::none);
  fs::create_symlink("circle", dir / "truth/circle");
  Evaluation evaluation;
  {
    const AsNobody nobody;
    EvaluateOptions options;
    options.threads = 2;
    evaluation = evaluate(dir / "pred", dir / "truth", options);
  }
  fs::permissions(dir / "pred/c", fs::perms::owner_all);
  fs::permissions(dir / "truth/d", fs::perms::owner_all);
  REQUIRE(evaluation.studies.size() == 5);
  for (std::size_t i = 0; i < 3; ++i) {
    INFO(evaluation.studies[i].study << ": " << evaluation.studies[i].error);
    CHECK(is_fault(evaluation.studies[i].error));
    CHECK(evaluation.studies[i].counts);
  }
  CHECK(evaluation.studies[2].error.find("ermission denied") != std::string::npos);
  CHECK(evaluation.studies[3].error.rfind("truth: ", 0) == 0);
  CHECK_FALSE(evaluation.studies[3].counts);
  CHECK(evaluation.studies[4].error.empty());
  CHECK(evaluation.studies[4].dice[0] == 1.0);
}

TEST_CASE("landmarks of the reference are measured with the pixel shape of the prediction") {
  const TempDir dir;
  SyntheticSpine spine = spine_of(4);
  spine.px_per_mm_y = 0.5;
  spine.film = {280, 210};
  spine.hip_px = {120, 175};
  write_study(dir / "truth/a", spine, false);
  write_study(dir / "pred/a", spine, false);
  const std::string head = R"({"spacing_mm": null, "pixel_aspect": 2.0, "measurements": )";
  std::ofstream(dir / "pred/a/measurements.json")
      << head << R"({"SS": {"value": 30.0, "unit": "deg", "status": "ok"}}})";
  MeasureOptions options;
  options.spacing = relative_spacing(2);
  const auto expected = measure(true_landmarks(spine), options).find("SS")->value;
  CHECK(metric(evaluate(dir / "pred", dir / "truth"), "SS").pairs.at(0).truth ==
        Approx(expected.value()));
}
