#include "spine/sim/simulate.h"

#include <thread>

#include "support/catch.h"

using namespace spine;
using namespace spine::sim;

namespace {

SimulateOptions small() {
  SimulateOptions options;
  options.height_px = 220;
  return options;
}

/// FNV-1a over all bytes.
std::uint64_t hash_of(const cv::Mat& image) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (int y = 0; y < image.rows; ++y) {
    const auto* row = image.ptr<std::uint8_t>(y);
    for (std::size_t i = 0; i < static_cast<std::size_t>(image.cols) * image.elemSize(); ++i) {
      hash = (hash ^ row[i]) * 0x100000001b3ULL;
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("a seed gives bit-identical films, also from concurrent threads") {
  const Simulator simulator(small());
  const SimulatedFilm first = simulator.simulate(5);
  std::array<std::uint64_t, 3> hashes{};
  std::vector<std::thread> threads;
  for (std::uint64_t& hash : hashes) {
    threads.emplace_back([&] { hash = hash_of(Simulator(small()).simulate(5).image.pixels()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t hash : hashes) CHECK(hash == hash_of(first.image.pixels()));
  CHECK(hash_of(simulator.simulate(6).image.pixels()) != hashes[0]);
}

TEST_CASE("patient and view of a seed do not depend on the height") {
  const Simulator simulator(small());
  for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
    const PathLengthProjections low = simulator.render_paths(seed, 150),
                                high = simulator.render_paths(seed, 450);
    REQUIRE(low.landmarks.anterior == high.landmarks.anterior);
    REQUIRE(low.landmarks.s1);
    // Pixel centres: x_high = 3 x_low + 1.
    CHECK(std::abs(high.landmarks.s1->post.x - 3 * low.landmarks.s1->post.x - 1) < 1e-6);
    CHECK(std::abs(low.pixel_mm - 3 * high.pixel_mm) < 1e-9);
  }
}

TEST_CASE("masks, landmarks and spacing of films are consistent") {
  const Simulator simulator(small());
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    const SimulatedFilm film = simulator.simulate(seed);
    REQUIRE(film.masks.size() == film.image.size());
    REQUIRE(film.landmarks.size == film.image.size());
    REQUIRE(film.image.info().spacing);
    for (std::size_t i = 0; i < kLumbarCount; ++i) {
      const auto& v = film.landmarks.vertebrae[i];
      if (!v) continue;
      const cv::Point2d middle = (v->sup.post + v->sup.ant + v->inf.post + v->inf.ant) / 4;
      CHECK(film.masks[kStructures[i]].at<std::uint8_t>(cv::Point(middle)) == 255);
    }
    CHECK(film.implant_mask.empty());
  }
}

TEST_CASE("truth is restricted to the area inside the collimation") {
  const Simulator simulator(small());
  const PathLengthProjections paths = simulator.render_paths(9, 220);
  cv::Mat visible(paths.structures.size(), CV_8UC1, cv::Scalar(255));
  visible.rowRange(0, 110) = 0;
  const MaskStack whole = truth_masks(paths), cut = truth_masks(paths, visible);
  for (const Structure s : kStructures) {
    CHECK(cv::countNonZero(cut[s].rowRange(0, 110)) == 0);
    CHECK(cv::norm(cut[s].rowRange(110, 220), whole[s].rowRange(110, 220), cv::NORM_L1) == 0);
  }
}

TEST_CASE("twins differ by implants only") {
  const Simulator simulator(small());
  const PathLengthProjections without = simulator.render_paths(31, 220, false);
  const PathLengthProjections with = simulator.render_paths(31, 220, true);
  CHECK(without.implant.empty());
  REQUIRE(!with.implant.empty());
  const auto soft = static_cast<std::size_t>(Material::soft);
  cv::Mat outside;
  cv::Mat(with.implant == 0).copyTo(outside);
  CHECK(cv::countNonZero(with.implant) > 0);
  CHECK(without.landmarks.vertebrae[2]->sup.ant == with.landmarks.vertebrae[2]->sup.ant);
  REQUIRE(!with.length_mm[soft].empty());
}

TEST_CASE("the film's own height lies between 1,000 and 3,000 rows") {
  SimulateOptions options;
  const Simulator simulator(options);
  const PathLengthProjections paths = simulator.render_paths(2, std::nullopt);
  CHECK(paths.structures.rows >= 1000);
  CHECK(paths.structures.rows <= 3000);
}
