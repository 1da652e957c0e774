#include "spine/train/film_source.h"

#include <fstream>

#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/train/path_cache.h"

using namespace spine;
using test::TempDir;

TEST_CASE("Cached films are drawn from the range of seeds and seen when they come") {
  const TempDir folder;
  const train::PathCache cache(folder.path());
  CHECK_THROWS_AS(train::cached_films(folder.path(), 0, 100), Error);
  cache.write(5, test::phantom_paths(100, 80));
  cache.write(500, test::phantom_paths(60, 50));
  const auto films = train::cached_films(folder.path(), 0, 100);
  CHECK(films->count() == 1);
  sim::Rng rng(1);
  CHECK(films->draw(rng).paths.structures.rows == 100);
  cache.write(6, test::phantom_paths());
  CHECK(films->count() == 1);
  films->refresh();
  CHECK(films->count() == 2);
  CHECK(films->description().find("2 patients of seeds 5-6") != std::string::npos);
}

TEST_CASE("Films with masks are read from a folder") {
  const TempDir folder;
  CHECK_THROWS_AS(train::folder_films(folder.path()), Error);
  const auto study = folder / "a";
  std::filesystem::create_directory(study);
  cv::Mat pixels(900, 600, CV_8UC1, cv::Scalar(40));
  cv::rectangle(pixels, cv::Rect(200, 300, 100, 80), cv::Scalar(200), cv::FILLED);
  write_image(study / "film.png", pixels);
  MaskStack masks(pixels.size());
  masks.set(Structure::L3, pixels == 200);
  write_masks(study / "masks.tif", masks);
  Landmarks landmarks;
  landmarks.size = pixels.size();
  landmarks.anterior = Side::right;
  write_landmarks(study / "landmarks.json", landmarks);

  const auto films = train::folder_films(folder.path());
  CHECK(films->count() == 1);
  sim::Rng rng(1);
  const auto film = films->draw(rng);
  REQUIRE(film.film.rows == train::kCacheRows);
  CHECK(film.film.type() == CV_32FC1);
  CHECK(film.paths.landmarks.anterior == Side::right);
  const cv::Mat bit = (film.paths.structures & (1 << index(Structure::L3))) > 0;
  CHECK(cv::countNonZero(bit) == Approx(100 * 80 * 448.0 * 448.0 / 900 / 900).epsilon(0.03));
  CHECK(cv::mean(film.film, bit)[0] > cv::mean(film.film)[0] + 0.3);
}

TEST_CASE("Plain films are read from folders, what is none is passed over") {
  const TempDir folder;
  CHECK_THROWS_AS(train::plain_films(folder.path()), Error);
  std::filesystem::create_directories(folder / "a/b");
  cv::Mat pixels(900, 600, CV_8UC1, cv::Scalar(40));
  cv::rectangle(pixels, cv::Rect(200, 300, 100, 80), cv::Scalar(200), cv::FILLED);
  write_image(folder / "top.png", pixels);
  write_image(folder / "a/b/deep.png", pixels);
  std::ofstream(folder / "a/broken.png") << "no picture";
  const auto films = train::plain_films(folder.path());
  CHECK(films->count() == 2);
  // A record may be published: it counts what was left out, and names nobody's file.
  CHECK(films->description() == "2 films of a folder (1 could not be read)");
  CHECK(films->remark().find("broken.png") != std::string::npos);
  sim::Rng rng(1);
  const auto film = films->draw(rng);
  CHECK(film.film.rows == train::kCacheRows);
  CHECK(film.paths.implant.empty());
}
