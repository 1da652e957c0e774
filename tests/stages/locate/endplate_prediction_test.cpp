#include "spine/stages/locate/endplate_prediction.h"

#include <cmath>

#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/core/geometry.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"

using namespace spine;

namespace {

const std::filesystem::path kSamples = SPINE_SAMPLES_DIR;

Image film_of(const std::string& study) { return read_film(kSamples / "films" / (study + ".png")); }
Landmarks truth_of(const std::string& study) {
  return read_landmarks(kSamples / "truth" / study / "landmarks.json");
}

Model default_weights() { return Model::load("endplate_net_small", default_manifest(), {"cpu"}); }

/// Angle between the directions of two endplates, degrees.
double angle_between(const Endplate& a, const Endplate& b) {
  return std::abs(angle_between_deg(a.ant - a.post, b.ant - b.post));
}

double distance_between(const Endplate& a, const Endplate& b) {
  return cv::norm(0.5 * (a.ant + a.post) - 0.5 * (b.ant + b.post));
}

/// Rotated by `deg` and moved by a tenth of its length.
Endplate misplaced(const Endplate& plate, double deg) {
  const double c = std::cos(rad_from_deg(deg)), s = std::sin(rad_from_deg(deg));
  const cv::Point2d middle = 0.5 * (plate.ant + plate.post);
  const auto move = [&](cv::Point2d p) {
    const cv::Point2d v = p - middle;
    return middle + cv::Point2d(c * v.x - s * v.y, s * v.x + c * v.y) +
           0.1 * (plate.ant - plate.post);
  };
  return {move(plate.post), move(plate.ant)};
}

Landmarks misplaced(Landmarks landmarks) {
  double deg = 6;
  for (auto& body : landmarks.vertebrae) {
    body->sup = misplaced(body->sup, deg);
    body->inf = misplaced(body->inf, -deg);
    deg = -deg;
  }
  landmarks.s1 = misplaced(*landmarks.s1, deg);
  return landmarks;
}

}  // namespace

TEST_CASE("default weights: displaced endplates are refined, with plausible standard deviations") {
  Model model = default_weights();
  double turn = 0, distance = 0;
  int count = 0;
  for (const char* name : {"sim-600009", "sim-600001"}) {
    const Landmarks truth = truth_of(name);
    const EndplatePrediction prediction = predict_endplates(film_of(name), misplaced(truth), model);
    const Landmarks& predicted = prediction.landmarks;
    const auto add = [&](const Endplate& is, const Endplate& should,
                         const EndplateUncertainty& deviation) {
      turn += angle_between(is, should);
      distance += distance_between(is, should) / cv::norm(should.ant - should.post);
      ++count;
      CHECK(deviation.turn_deg > 0.05);
      CHECK(deviation.turn_deg < 10);
      CHECK(deviation.across > 0);
      CHECK(deviation.along > 0);
    };
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const auto& uncertainty = *prediction.uncertainty.vertebrae[i];
      add(predicted.vertebrae[i]->sup, truth.vertebrae[i]->sup, uncertainty.sup);
      add(predicted.vertebrae[i]->inf, truth.vertebrae[i]->inf, uncertainty.inf);
    }
    add(*predicted.s1, *truth.s1, *prediction.uncertainty.s1);
    CHECK(prediction.uncertainty.femoral_heads.size() == truth.femoral_heads.size());
  }
  CHECK(turn / count < 1.5);
  CHECK(distance / count < 0.03);
}

TEST_CASE("default weights: levels without an outline are found between and below the others") {
  Model model = default_weights();
  const Image film = film_of("sim-600009");
  const Landmarks truth = truth_of("sim-600009");
  Landmarks found = truth;
  found.vertebrae[2].reset();
  found.s1.reset();
  const auto prediction = predict_endplates(film, found, model);
  REQUIRE(prediction.landmarks.vertebrae[2]);
  CHECK(angle_between(prediction.landmarks.vertebrae[2]->sup, truth.vertebrae[2]->sup) < 3);
  CHECK(distance_between(prediction.landmarks.vertebrae[2]->inf, truth.vertebrae[2]->inf) <
        0.05 * cv::norm(truth.s1->ant - truth.s1->post));
  REQUIRE(prediction.landmarks.s1);
  CHECK(angle_between(*prediction.landmarks.s1, *truth.s1) < 3);
  CHECK(prediction.qc == std::vector<std::string>{"uncertain_L3", "uncertain_S1"});
}

TEST_CASE("default weights: an endplate a body below L5 is not taken for S1") {
  Model model = default_weights();
  const Landmarks truth = truth_of("sim-600009");
  Landmarks found = truth;
  const auto& l5 = *truth.vertebrae[4];
  const cv::Point2d height = 0.5 * (l5.inf.post + l5.inf.ant - l5.sup.post - l5.sup.ant);
  found.s1 = Endplate{truth.s1->post + 1.1 * height, truth.s1->ant + 1.1 * height};
  const auto prediction = predict_endplates(film_of("sim-600009"), found, model);
  REQUIRE(prediction.landmarks.s1);
  CHECK(angle_between(*prediction.landmarks.s1, *truth.s1) < 3);
  CHECK(distance_between(*prediction.landmarks.s1, *truth.s1) <
        0.05 * cv::norm(truth.s1->ant - truth.s1->post));
}

TEST_CASE("default weights: predictions are averaged with those on the restored film") {
  Model model = default_weights();
  const Image film = film_of("sim-600009-implant"), bare = film_of("sim-600009");
  const Landmarks found = truth_of("sim-600009-implant");
  const auto predicted = [&](const Image* restored) {
    return *predict_endplates(film, found, model, restored).landmarks.s1;
  };
  CHECK(distance_between(predicted(&bare), predicted(nullptr)) > 0);
  CHECK(distance_between(predicted(&film), predicted(nullptr)) < 1e-6);  // identical images
}

TEST_CASE("Weights without endplate outputs are refused by name") {
  Model model = Model::load(std::string(SPINE_TINY_WEIGHTS_DIR) + "/good.safetensors", {}, {"cpu"});
  try {
    predict_endplates(film_of("sim-600009"), {}, model);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::weights);
    CHECK(std::string(error.what()).find("\"front\"") != std::string::npos);
  }
}

TEST_CASE("default weights: endplates on a blank film are dropped") {
  Model model = default_weights();
  const Landmarks found = truth_of("sim-600009");
  const Image blank(cv::Mat(found.size, CV_8UC1, cv::Scalar(255)), FilmInfo{});
  const auto prediction = predict_endplates(blank, found, model);
  std::size_t left = 0;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    CHECK(prediction.landmarks.vertebrae[i].has_value() ==
          prediction.uncertainty.vertebrae[i].has_value());
    if (prediction.landmarks.vertebrae[i]) ++left;
  }
  if (prediction.landmarks.s1) ++left;
  CHECK(left == 0);
  CHECK(prediction.qc.size() == kLumbarCount + 1);
}
