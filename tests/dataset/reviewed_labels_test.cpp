#include "spine/dataset/reviewed_labels.h"

#include <functional>

#include "review/readings.h"
#include "review/results_folder.h"
#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/review/export.h"
#include "spine/util/atomic_file.h"
#include "spine/util/sha256.h"

using namespace spine;
using namespace spine::test;
using nlohmann::json;
using review::Action;
using review::Event;
namespace fs = std::filesystem;

namespace {

/// Results of a film with masks, and the film.
struct Results {
  TempDir dir;
  fs::path out = dir / "out", study = out / "s0", film = dir / "films" / "other_name.png";
  SyntheticSpine spine = random_spine(20);

  Results() {
    fs::create_directories(film.parent_path());
    write_image(film, cv::Mat(spine.film, CV_8UC1, cv::Scalar(80)));
    write_results(out, 2);
    write_study(study, true_landmarks(spine), true_spacing(spine), {}, sha256_of_file(film));
    write_masks(study / "masks.tif", true_masks(spine));
  }

  [[nodiscard]] json landmarks() const {
    return review::read_machine_result(study, "s0").landmarks;
  }
  void edit(std::vector<review::LandmarkChange> changes) const {
    Event event;
    event.changes = std::move(changes);
    act(study, event);
  }
  void export_all() const {
    review::export_reviewed(review::Cohort(out), dir / "r.csv",
                            [](const std::string& problem) { FAIL(problem); });
  }
  [[nodiscard]] ReviewedFolder only() const {
    const auto found = find_reviewed(out);
    REQUIRE(found.size() == 1);
    return found[0];
  }
};

double overlap(const cv::Mat& a, const cv::Mat& b) {
  return 2.0 * cv::countNonZero(a & b) / (cv::countNonZero(a) + cv::countNonZero(b));
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool same(const cv::Mat& a, const cv::Mat& b) { return cv::countNonZero(a != b) == 0; }

}  // namespace

TEST_CASE("approved studies are labels, those that are not exported or rejected are not") {
  const Results results;
  CHECK(find_reviewed(results.out).empty());
  act(results.study, verdict(Action::approve));
  CHECK_FALSE(results.only().labels);
  CHECK(results.only().error.find("not exported") != std::string::npos);
  results.export_all();
  auto found = results.only();
  CHECK(found.error == "");
  REQUIRE(found.labels);
  CHECK(found.labels->reader == "AB");
  CHECK(found.labels->revision == review::ReviewFile::read(results.study, "s0").revision());
  CHECK(found.labels->folder == results.study);
  CHECK(same(masks_of(*found.labels)[Structure::S], true_masks(results.spine)[Structure::S]));
  CHECK(landmarks_of(*found.labels).size == results.spine.film);

  act(results.study, verdict(Action::reject, "blurred"), "CD");
  CHECK(results.only().error.find("review.json changed") != std::string::npos);
  results.export_all();
  CHECK_FALSE(results.only().labels);
  CHECK_THROWS_AS(find_reviewed(results.dir / "none"), Error);
}

TEST_CASE("a study that was corrected and rejected, or is stale, gives no labels") {
  const Results results;
  act(results.study, move_s1(results.study));
  results.export_all();
  REQUIRE(results.only().labels);
  act(results.study, verdict(Action::reject, "x"));
  results.export_all();
  CHECK(results.only().error == "rejected by a reader");
  act(results.study, verdict(Action::reopen));
  results.export_all();
  CHECK(results.only().labels);
  // Another run of the machine, before and after another export.
  write_study(results.study, true_landmarks(random_spine(3)), true_spacing(results.spine), {});
  CHECK(results.only().error.find("landmarks.json changed") != std::string::npos);
  results.export_all();
  CHECK(results.only().error.find("read before") != std::string::npos);
}

TEST_CASE("masks move with corrected corners, heads and the endplate of S1") {
  const Results results;
  const json before = results.landmarks();
  const auto shifted = [](json part, double x, double y) {
    for (auto& corner : part) corner = {corner[0].get<double>() + x, corner[1].get<double>() + y};
    return part;
  };
  const json body = before["vertebrae"]["L3"], head = before["femoral_heads"];
  json heads = head;
  heads[0]["center"][0] = heads[0]["center"][0].get<double>() + 40;
  heads[0]["radius"] = 70.0;
  results.edit({{"vertebrae.L3", body, shifted(body, 12, -8)},
                {"S1", before["S1"], shifted(before["S1"], -10, 6)},
                {"femoral_heads", head, heads}});
  results.export_all();
  const auto masks = masks_of(*results.only().labels);
  const auto truth = true_masks(results.spine);
  const auto moved = [&](Structure s, double x, double y) {
    cv::Mat mask;
    cv::warpAffine(truth[s], mask, cv::Matx23d(1, 0, x, 0, 1, y), truth.size());
    return mask;
  };
  CHECK(overlap(masks[Structure::L3], moved(Structure::L3, 12, -8)) > 0.99);
  CHECK(overlap(masks[Structure::S], moved(Structure::S, -10, 6)) > 0.99);
  CHECK(same(masks[Structure::L2], truth[Structure::L2]));
  CHECK(same(masks[Structure::F2], truth[Structure::F2]));
  CHECK(cv::countNonZero(masks[Structure::F1]) == Approx(CV_PI * 70 * 70).epsilon(0.02));
  CHECK(landmarks_of(*results.only().labels).femoral_heads.at(0).radius == 70);
}

TEST_CASE("labels that were moved by one take their masks with them") {
  const Results results;
  const json bodies = results.landmarks()["vertebrae"];
  results.edit({{"vertebrae.L1", bodies["L1"], bodies["L2"]},
                {"vertebrae.L2", bodies["L2"], bodies["L3"]},
                {"vertebrae.L3", bodies["L3"], nullptr}});
  results.export_all();
  const auto masks = masks_of(*results.only().labels);
  const auto truth = true_masks(results.spine);
  CHECK(same(masks[Structure::L1], truth[Structure::L2]));
  CHECK(same(masks[Structure::L2], truth[Structure::L3]));
  CHECK_FALSE(masks.has(Structure::L3));
  CHECK(same(masks[Structure::L4], truth[Structure::L4]));
}

TEST_CASE("a body that the machine had not found is its quadrilateral; S1 gives no sacrum") {
  Results results;
  auto machine = true_landmarks(results.spine);
  const auto whole = machine;
  machine.vertebrae = {};
  machine.s1.reset();
  write_study(results.study, machine, true_spacing(results.spine), {});
  MaskStack bare(results.spine.film);
  write_masks(results.study / "masks.tif", bare);
  const json truth = to_json(whole);
  results.edit({{"vertebrae.L4", nullptr, truth["vertebrae"]["L4"]}});
  results.export_all();
  CHECK(overlap(masks_of(*results.only().labels)[Structure::L4],
                true_masks(results.spine)[Structure::L4]) > 0.9);
  results.edit({{"S1", nullptr, truth["S1"]}});
  results.export_all();
  CHECK(refusal([&] { masks_of(*results.only().labels); }).find("outline of the sacrum") !=
        std::string::npos);
}

TEST_CASE("films are found by content, and by name where content was not recorded") {
  const Results results;
  act(results.study, verdict(Action::approve));
  results.export_all();
  auto labels = *results.only().labels;
  FilmFinder films({results.film.parent_path()});
  CHECK(films.find(labels) == results.film);
  labels.film_sha256 = std::string(64, '1');
  CHECK_THROWS_AS(films.find(labels), Error);
  labels.film_sha256.clear();
  CHECK_THROWS_AS(films.find(labels), Error);
  fs::copy_file(results.film, results.film.parent_path() / "s0.png");
  FilmFinder again({results.film.parent_path()});
  CHECK(again.find(labels).filename() == "s0.png");
  CHECK(refusal([&] { static_cast<void>(FilmFinder({}).find(labels)); }).find("--films") !=
        std::string::npos);
}

TEST_CASE("an export of another kind is named") {
  const Results results;
  act(results.study, verdict(Action::approve));
  results.export_all();
  for (const char* content :
       {"{", "[]", "{}", "{\"review\": 3}", "{\"review\": {\"verdict\": 3}}"}) {
    INFO(content);
    write_file_atomically(results.study / "landmarks_reviewed.json", std::string_view(content));
    CHECK_FALSE(results.only().labels);
    CHECK_FALSE(results.only().error.empty());
  }
}
