#include "spine/train/augment.h"

#include "infer/tiny_network.h"
#include "phantom.h"
#include "support/catch.h"

using namespace spine;
using test::phantom_paths;
using train::AugmentOptions;
using train::make_sample;
using train::Sample;

namespace {

InputSpec input(int size) {
  InputSpec spec;
  spec.size = size;
  spec.views = {"original", "clahe"};
  return spec;
}

/// Letterbox without augmentation.
AugmentOptions still() {
  AugmentOptions options;
  options.max_rotation_deg = 0;
  options.min_scale = options.max_scale = 1;
  options.max_shift = 0;
  options.mirror_chance = 0;
  options.inversion_chance = 0;
  options.grey_strength = 0;
  options.no_film_chance = 0;
  return options;
}

cv::Point2d centroid(const cv::Mat& mask) {
  const auto m = cv::moments(mask);
  return {m.m10 / m.m00, m.m01 / m.m00};
}

}  // namespace

TEST_CASE("A sample is determined by film, options and seed") {
  const train::TrainingFilm film{phantom_paths(), {}};
  const Sample a = make_sample(film, input(64), {}, sim::Rng(5));
  const Sample b = make_sample(film, input(64), {}, sim::Rng(5));
  const Sample c = make_sample(film, input(64), {}, sim::Rng(6));
  REQUIRE(a.views.size() == 2);
  CHECK(a.views[0].size() == cv::Size(64, 64));
  CHECK(cv::norm(a.views[1], b.views[1], cv::NORM_INF) == 0);
  CHECK(cv::norm(a.targets[0], b.targets[0], cv::NORM_INF) == 0);
  CHECK(cv::norm(a.views[0], c.views[0], cv::NORM_INF) > 0.01);
}

TEST_CASE("Film and targets are transformed consistently") {
  // A finished film whose bright squares are the vertebrae themselves.
  train::TrainingFilm film{phantom_paths(), {}};
  film.film = cv::Mat::zeros(film.paths.structures.size(), CV_32FC1);
  cv::Mat bodies = (film.paths.structures & 3) > 0;
  film.film.setTo(1, bodies);
  auto options = AugmentOptions{};
  options.grey_strength = 0;
  options.inversion_chance = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Sample sample = make_sample(film, input(96), options, sim::Rng(seed));
    cv::Mat covered = cv::max(sample.targets[0], sample.targets[1]);
    if (cv::countNonZero(covered) < 50) continue;  // cut off
    covered.convertTo(covered, CV_32F, 1 / 255.0);
    INFO(seed);
    // Outside the film grey values may be replicated, targets are not.
    const cv::Mat inside = covered > 0.5;
    CHECK(cv::mean(sample.square, inside)[0] > 0.75);
    cv::Mat beside;
    cv::dilate(covered > 0.01, beside, cv::Mat(), {-1, -1}, 2);
    cv::Mat ring;
    cv::subtract(beside, covered > 0.01, ring);
    CHECK(cv::mean(sample.square, ring)[0] < 0.35);
  }
}

TEST_CASE("Targets are fractions at edges and full inside") {
  const train::TrainingFilm film{phantom_paths(), {}};
  const Sample sample = make_sample(film, input(64), still(), sim::Rng(3));
  const auto& target = sample.targets[index(Structure::L1)];
  CHECK(cv::countNonZero(target == 255) > 10);
  CHECK(cv::countNonZero((target > 0) & (target < 255)) > 5);
  CHECK(cv::countNonZero(sample.targets[index(Structure::L3)]) == 0);
}

TEST_CASE("An image without a spine has contrast and empty targets") {
  train::TrainingFilm film;
  film.paths = phantom_paths();
  AugmentOptions options = still();
  options.no_film_chance = 1;
  const Sample sample = make_sample(film, input(64), options, sim::Rng(3));
  for (const auto& target : sample.targets) CHECK(cv::countNonZero(target) == 0);
  cv::Scalar mean, deviation;
  cv::meanStdDev(sample.square, mean, deviation);
  CHECK(deviation[0] > 0.05);
}

TEST_CASE("Mirroring keeps the more anterior head first") {
  const train::TrainingFilm film{phantom_paths(), {}};
  auto options = still();
  const Sample plain = make_sample(film, input(128), options, sim::Rng(3));
  options.mirror_chance = 1;
  const Sample mirrored = make_sample(film, input(128), options, sim::Rng(3));
  const auto f1 = index(Structure::F1);
  const auto f2 = index(Structure::F2);
  CHECK(centroid(plain.targets[f1]).x < centroid(plain.targets[f2]).x);
  CHECK(centroid(mirrored.targets[f1]).x > centroid(mirrored.targets[f2]).x);
  CHECK(centroid(plain.targets[f1]).x + centroid(mirrored.targets[f1]).x == Approx(127).margin(1));
}

TEST_CASE("A rotation that swaps the order of the heads swaps their channels") {
  auto paths = phantom_paths();
  // Heads above one another, F1 slightly to the left.
  paths.structures = cv::Mat::zeros(paths.structures.size(), CV_8UC1);
  const cv::Point f1(47, 50);
  const cv::Point f2(49, 100);
  cv::Mat mask = cv::Mat::zeros(paths.structures.size(), CV_8UC1);
  cv::circle(mask, f1, 6, cv::Scalar(1 << 6), cv::FILLED);
  cv::circle(mask, f2, 6, cv::Scalar(1 << 7), cv::FILLED);
  paths.structures |= mask;
  paths.landmarks.femoral_heads = {{cv::Point2d(f1), 6}, {cv::Point2d(f2), 6}};
  auto options = still();
  options.max_rotation_deg = 15;
  int swapped = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Sample sample = make_sample({paths, {}}, input(128), options, sim::Rng(seed));
    const cv::Point2d first = centroid(sample.targets[index(Structure::F1)]);
    const cv::Point2d second = centroid(sample.targets[index(Structure::F2)]);
    CHECK(first.x < second.x + 0.5);
    if (first.y > second.y) ++swapped;
  }
  CHECK(swapped > 2);
  CHECK(swapped < 18);
}

TEST_CASE("Random erasing affects the views only") {
  const train::TrainingFilm film{phantom_paths(), {}};
  AugmentOptions options = still();
  const Sample bare = make_sample(film, input(64), options, sim::Rng(3));
  CHECK(cv::norm(bare.views[0], bare.square, cv::NORM_INF) == 0);
  options.erasing_chance = 1;
  const Sample covered = make_sample(film, input(64), options, sim::Rng(3));
  CHECK(cv::norm(covered.square, bare.square, cv::NORM_INF) == 0);
  CHECK(cv::norm(covered.views[0], bare.square, cv::NORM_INF) > 0.05);
}

TEST_CASE("The implant coverage is the only target of implant detection") {
  train::TrainingFilm film{phantom_paths(), {}};
  AugmentOptions options = still();
  options.target = train::Target::implants;
  CHECK(train::output_names(options.target) == std::vector<std::string>{"implant"});
  Sample sample = make_sample(film, input(64), options, sim::Rng(3));
  REQUIRE(sample.targets.size() == 1);
  CHECK(cv::countNonZero(sample.targets[0]) == 0);
  film.paths.implant = cv::Mat::zeros(film.paths.structures.size(), CV_8UC1);
  const cv::Rect rod(40, 30, 12, 60);
  film.paths.implant(rod) = 255;
  sample = make_sample(film, input(64), options, sim::Rng(3));
  const double scale = 64.0 / film.paths.structures.rows;
  CHECK(cv::sum(sample.targets[0])[0] / 255 == Approx(rod.area() * scale * scale).epsilon(0.1));
}

TEST_CASE("ROIs of a patient with a prosthesis are mostly at the hips") {
  train::TrainingFilm bare{phantom_paths(), {}};
  bare.film = cv::Mat(bare.paths.structures.size(), CV_32FC1, cv::Scalar(0.3));
  train::TrainingFilm implanted = bare;
  implanted.film = bare.film.clone();
  implanted.paths.implant = (implanted.paths.structures & (1 << index(Structure::F1))) > 0;
  implanted.film.setTo(1, implanted.paths.implant);
  AugmentOptions options = still();
  options.roi = true;
  options.restored_chance = 1;
  int hips = 0, other_hips = 0, kept = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto shows_hips = [&](const Sample& sample) {
      cv::Mat heads = sample.targets[index(Structure::F1)] | sample.targets[index(Structure::F2)];
      if (cv::countNonZero(heads) == 0) return false;
      return cv::norm(centroid(heads) - cv::Point2d(31.5, 31.5)) < 0.15 * 64;
    };
    const Sample sample = make_sample(implanted, input(64), options, sim::Rng(seed));
    other_hips += shows_hips(make_sample(bare, input(64), options, sim::Rng(seed))) ? 1 : 0;
    if (!shows_hips(sample)) continue;
    ++hips;
    const cv::Mat head = sample.targets[index(Structure::F1)] == 255;
    if (cv::mean(sample.square, head)[0] > 0.8) ++kept;
  }
  CHECK(other_hips < 35);
  CHECK(hips > 40);
  CHECK(kept > 0.9 * hips);
}
