#include "spine/sim/film_set.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/util/atomic_file.h"
#include "spine/util/json.h"

using namespace spine;
using namespace spine::sim;
namespace fs = std::filesystem;

namespace {

FilmSetOptions two_films(const fs::path& output) {
  FilmSetOptions options;
  options.output = output;
  options.count = 2;
  options.first_seed = 7;
  options.simulate.height_px = 160;
  return options;
}

}  // namespace

TEST_CASE("films, truth and manifest of a set are consistent") {
  const test::TempDir folder;
  REQUIRE(write_film_set(two_films(folder / "out")) == 2);
  const fs::path out = folder / "out";
  for (const std::string id : {"sim-000007", "sim-000008"}) {
    const Image film = read_film(out / (id + ".png"));
    CHECK(film.size().height == 160);
    CHECK(read_masks(out / "truth" / id / "masks.tif").size() == film.size());
    CHECK(read_landmarks(out / "truth" / id / "landmarks.json").size == film.size());
    const auto measured = read_json(out / "truth" / id / "measurements.json");
    CHECK(measured.at("schema") == "spine-measurements/2");
    CHECK(measured.at("provenance").at("lumbar_bodies") == 5);
    CHECK(fs::exists(out / "truth" / id / "labels.png"));
    CHECK(!fs::exists(out / "truth" / id / "implant_mask.png"));
  }
  const std::string manifest = read_file(out / "studies.csv");
  CHECK(manifest.rfind("study_id,path,spacing_mm,anterior\nsim-000007,sim-000007.png,", 0) == 0);
}

TEST_CASE("results do not depend on the number of threads") {
  const test::TempDir folder;
  FilmSetOptions options = two_films(folder / "one");
  write_film_set(options);
  options.output = folder / "two";
  options.threads = 2;
  write_film_set(options);
  for (const char* name : {"sim-000007.png", "sim-000008.png", "studies.csv",
                           "truth/sim-000007/masks.tif", "truth/sim-000008/landmarks.json"}) {
    CHECK(read_file(folder / "one" / name) == read_file(folder / "two" / name));
  }
}

TEST_CASE("nothing is replaced without force") {
  const test::TempDir folder;
  FilmSetOptions options = two_films(folder / "out");
  options.count = 1;
  write_film_set(options);
  CHECK_THROWS_AS(write_film_set(options), Error);
  options.first_seed = 8;  // another film, the same manifest
  CHECK_THROWS_AS(write_film_set(options), Error);
  options.force = true;
  CHECK(write_film_set(options) == 1);
}

TEST_CASE("an unwritable contact sheet is rejected before the first film") {
  const test::TempDir folder;
  FilmSetOptions options = two_films(folder / "out");
  options.contact_sheet = folder / "sheet.txt";
  CHECK_THROWS_AS(write_film_set(options), Error);
  options.contact_sheet = folder / "out";
  CHECK_THROWS_AS(write_film_set(options), Error);
  CHECK(!fs::exists(folder / "out" / "sim-000007.png"));
}

TEST_CASE("twins share a seed and differ in implants") {
  const test::TempDir folder;
  FilmSetOptions options = two_films(folder / "out");
  options.count = 1;
  options.implants = ImplantChoice::twins;
  options.contact_sheet = folder / "sheet.png";
  REQUIRE(write_film_set(options) == 2);
  const fs::path truth = folder / "out" / "truth";
  CHECK(fs::exists(truth / "sim-000007-implant" / "implant_mask.png"));
  CHECK(!fs::exists(truth / "sim-000007" / "implant_mask.png"));
  CHECK(fs::exists(folder / "sheet.png"));
}

TEST_CASE("implants are chosen by keyword or fraction") {
  FilmSetOptions options;
  choose_implants("always", options);
  CHECK(options.implants == ImplantChoice::always);
  choose_implants("0.25", options);
  CHECK(options.implants == ImplantChoice::share);
  CHECK(options.implant_share == 0.25);
  for (const char* word : {"", "some", "1.5", "-0.1", "0.5x"}) {
    CHECK_THROWS_AS(choose_implants(word, options), Error);
  }
}

TEST_CASE("a set can be stopped between films") {
  const test::TempDir folder;
  FilmSetOptions options = two_films(folder / "out");
  options.stopped = [] { return true; };
  CHECK(write_film_set(options) == 0);
}
