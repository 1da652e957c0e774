#include "spine/eval/rater.h"

#include <algorithm>
#include <fstream>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"
#include "spine/stages/measure/measure.h"

using namespace spine;
using namespace spine::test;

namespace {

/// A rater without errors.
RaterLandmarks rater_of(const Landmarks& truth) {
  RaterLandmarks read;
  read.size = truth.size;
  read.anterior = truth.anterior;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto& v = *truth.vertebrae[i];
    read.vertebrae[i] = {v.sup.post, v.sup.ant, v.inf.post, v.inf.ant};
  }
  read.s1_post = truth.s1->post;
  read.s1_ant = truth.s1->ant;
  for (const auto& head : truth.femoral_heads) read.head_centers.push_back(head.center);
  return read;
}

}  // namespace

TEST_CASE("a prediction equal to the rater's has no errors") {
  const Landmarks truth = true_landmarks(random_spine(1));
  const RaterComparison film = compare_with_rater(rater_of(truth), truth);
  CHECK(film.levels_right);
  CHECK(film.anterior_right);
  CHECK(film.bodies_right == 5);
  CHECK(film.endplate_deg.size() == 10);
  CHECK(*film.s1_deg == near(0, 1e-6));
  for (const double e : film.endplate_deg) CHECK(e == near(0, 1e-6));
  CHECK(film.head_percent.size() == 2);
}

TEST_CASE("level labels shifted by one are wrong") {
  const Landmarks truth = true_landmarks(random_spine(1));
  Landmarks shifted = truth;
  for (std::size_t i = 0; i + 1 < kLumbarCount; ++i) shifted.vertebrae[i] = truth.vertebrae[i + 1];
  shifted.vertebrae[4].reset();
  const RaterComparison film = compare_with_rater(rater_of(truth), shifted);
  CHECK_FALSE(film.levels_right);
  CHECK(film.bodies_wrong == 4);
  CHECK(std::count(film.endplate_deg.begin(), film.endplate_deg.end(), kNotFoundDeg) == 2);
  CHECK(film.bodies_right == 0);
}

TEST_CASE("a level that is missing is not right") {
  const Landmarks truth = true_landmarks(random_spine(1));
  Landmarks found = truth;
  found.vertebrae[0].reset();
  CHECK_FALSE(compare_with_rater(rater_of(truth), found).levels_right);
}

TEST_CASE("a rotated endplate and a shifted head are measured") {
  const Landmarks truth = true_landmarks(random_spine(1));
  Landmarks found = truth;
  const cv::Point2d along = found.s1->ant - found.s1->post;
  found.s1->ant = found.s1->post + turned(along, 5);
  std::swap(found.femoral_heads[0], found.femoral_heads[1]);
  found.femoral_heads[0].center.x += 11;
  const RaterComparison film = compare_with_rater(rater_of(truth), found);
  CHECK(std::abs(*film.s1_deg) == near(5, 1e-6));
  CHECK(film.head_percent[0] + film.head_percent[1] == near(100.0 * 11 / truth.size.width, 1e-6));
}

TEST_CASE("S1 is reported apart: steeper is positive, not found is 90 degrees") {
  const Landmarks truth = true_landmarks(random_spine(1));
  std::vector<RaterComparison> films;
  for (const double deg : {3.0, -1.0, 20.0}) {
    Landmarks found = truth;
    // Steeper: the anterior end moves down, in a film with the patient's front on either side.
    const cv::Point2d along = truth.s1->ant - truth.s1->post;
    const double sign = along.x > 0 ? 1 : -1;
    found.s1->ant = found.s1->post + turned(along, sign * deg);
    films.push_back(compare_with_rater(rater_of(truth), found));
    CHECK(*films.back().s1_deg == near(deg, 1e-6));
  }
  Landmarks none = truth;
  none.s1.reset();
  films.push_back(compare_with_rater(rater_of(truth), none));
  CHECK(*films.back().s1_deg == kNotFoundDeg);
  const SacrumSummary summary = summarize_sacrum(films);
  CHECK(summary.films == 4);
  CHECK(summary.median_deg == near(11.5, 1e-6));
  CHECK(summary.share_beyond_5_deg == near(0.5, 1e-9));
  CHECK(summary.count_beyond_12_deg == 2);
  CHECK(summary.bias_deg == near(1, 1e-6));
}

TEST_CASE("the rater's values are counted within the intervals of standard errors") {
  const Landmarks truth = true_landmarks(random_spine(1));
  std::vector<Measurement> values = measure(truth).values;
  const auto set_error = [&](const std::string& name, std::optional<double> shift, double error) {
    for (Measurement& value : values) {
      if (value.name != name) continue;
      value.standard_error = error;
      if (shift) *value.value += *shift;
    }
  };
  const RaterComparison unknown = compare_with_rater(rater_of(truth), truth, values);
  CHECK_FALSE(unknown.ss_in_interval);
  CHECK_FALSE(unknown.ll_in_interval);

  set_error("SS", 1.6, 1);
  set_error("LL", 1.7, 1);
  const RaterComparison known = compare_with_rater(rater_of(truth), truth, values);
  CHECK(known.ss_in_interval == true);
  CHECK(known.ll_in_interval == false);
  CHECK(to_markdown({known, unknown})
            .find("within the 90 % interval: SS on 1 of 1 films, LL on 0 of 1 films") !=
        std::string::npos);
}

TEST_CASE("landmarks missing from the rater are not compared") {
  const Landmarks truth = true_landmarks(random_spine(1));
  RaterLandmarks read = rater_of(truth);
  read.vertebrae[4].inf_post.reset();
  read.s1_ant.reset();
  read.head_centers.clear();
  const RaterComparison film = compare_with_rater(read, truth);
  CHECK(film.bodies_read == 5);
  CHECK(film.endplate_deg.size() == 9);
  CHECK_FALSE(film.s1_deg);
  CHECK(film.head_percent.empty());
}

TEST_CASE("folders are compared film by film") {
  const TempDir dir;
  std::filesystem::create_directories(dir / "rater");
  const char* corners =
      R"({"sup_post":[200,100],"sup_ant":[100,100],"inf_post":[200,180],"inf_ant":[100,180]})";
  std::ofstream(dir / "rater/f1.json")
      << R"({"size":[500,600],"anterior":"left","confidence":{"S1":0.5},"vertebrae":{"L1":)"
      << corners << R"(,"L2":null},"S1":{"sup_post":null,"sup_ant":[1,2]},"femoral_heads":[null,)"
      << R"({"center":[100,500],"radius_x":40,"radius_y":30}]})";
  std::ofstream(dir / "rater/f2.json")
      << R"({"size":[500,600],"anterior":"left","confidence":{"S1":0},"vertebrae":{},)"
      << R"("S1":null,"femoral_heads":[]})";
  Landmarks found;
  found.size = {500, 600};
  found.vertebrae[0] = VertebraCorners{{{200, 100}, {100, 100}}, {{200, 180}, {100, 180}}};
  found.femoral_heads = {{{105, 500}, 35}};
  std::filesystem::create_directories(dir / "pred/f1");
  write_landmarks(dir / "pred/f1/landmarks.json", found);

  const auto films = compare_folders_with_rater(dir / "pred", dir / "rater");
  REQUIRE(films.size() == 2);
  CHECK_FALSE(any_unreadable(films));
  CHECK(films[0].film == "f1");
  CHECK(films[0].levels_right);
  CHECK(films[0].head_percent == std::vector<double>{1.0});
  CHECK_FALSE(films[1].error.empty());
  CHECK_FALSE(films[1].numbering_certain);
  CHECK(to_markdown(films).find("Levels right on 1 of 1 films") != std::string::npos);
  CHECK(to_csv(films).find("f2,wrong,0,0,0") != std::string::npos);

  // A film that cannot be compared is a row, and does not count if its rater's file is unreadable.
  std::ofstream(dir / "rater/f2.json") << "{";
  found.size = {250, 300};
  write_landmarks(dir / "pred/f1/landmarks.json", found);
  const auto faults = compare_folders_with_rater(dir / "pred", dir / "rater");
  REQUIRE(faults.size() == 2);
  CHECK(any_unreadable(faults));
  CHECK(faults[0].error.find("another size") != std::string::npos);
  CHECK(to_markdown(faults).find("Levels right on 0 of 1 films") != std::string::npos);
}

TEST_CASE("a damaged file of a rater and a folder without any are errors") {
  const TempDir dir;
  CHECK_THROWS_AS(compare_folders_with_rater(dir.path(), dir.path()), Error);
  std::ofstream(dir / "x.json") << R"({"size":[5]})";
  CHECK_THROWS_AS(read_rater_landmarks(dir / "x.json"), Error);
}
