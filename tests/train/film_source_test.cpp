#include "spine/train/film_source.h"

#include <fstream>

#include "phantom.h"
#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/core/error.h"
#include "spine/io/dicom/dicom_io.h"
#include "spine/io/image_io.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/mask_io.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/train/projection_cache.h"
#include "spine/train/validate.h"

using namespace spine;
using test::TempDir;

TEST_CASE("Cached films are drawn from the range of seeds and found on refresh") {
  const TempDir folder;
  const train::ProjectionCache cache(folder.path());
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

TEST_CASE("A film with non-square pixels has the same shape in training and inference") {
  // A disc of 60 mm: 60 columns by 120 rows, or 120 by 60, of pixels twice as wide or as high.
  struct Shape {
    Spacing spacing;
    cv::Size film, disc;
  };
  const InputSpec input{.size = 96, .views = {"original"}};
  for (const Shape& shape :
       {Shape{{0.5, 1}, {150, 400}, {60, 120}}, Shape{{1, 0.5}, {300, 200}, {120, 60}},
        Shape{{1, 1}, {150, 200}, {60, 60}}}) {
    const TempDir folder;
    const auto study = folder / "a";
    std::filesystem::create_directory(study);
    MaskStack masks(shape.film);
    cv::Mat disc = cv::Mat::zeros(shape.film, CV_8UC1);
    const cv::Point middle(shape.film.width / 2, shape.film.height / 2);
    cv::ellipse(disc, middle, shape.disc / 2, 0, 0, 360, cv::Scalar(255), cv::FILLED);
    masks.set(Structure::F1, disc);
    cv::Mat pixels(shape.film, CV_8UC1, cv::Scalar(40));
    pixels.setTo(200, disc);
    DicomWriteOptions tags;
    tags.calibrated_spacing = shape.spacing;
    write_dicom(study / "film.dcm", pixels, tags);
    write_masks(study / "masks.tif", masks);
    write_image(study / "implant_mask.png", disc);

    const auto films = train::folder_films(folder.path());
    const auto plain = train::plain_films(folder.path());
    train::AugmentOptions options;
    options.max_rotation_deg = options.max_shift = options.mirror_chance = 0;
    options.grey_strength = options.inversion_chance = options.no_film_chance = 0;
    options.min_scale = options.max_scale = 1;
    options.squeeze = options.marks = false;
    const auto side_ratio = [](const cv::Mat& plane, double above) {
      const cv::Rect box = cv::boundingRect(cv::Mat(plane > above));
      return static_cast<double>(box.width) / box.height;
    };
    const Image film = read_film(study / "film.dcm");
    const Letterbox box = letterbox(film.size(), film.info().spacing, input.size);
    const double seen = side_ratio(to_net_square(film, box), 0.5);
    CHECK(seen == Approx(1).margin(0.06));
    for (int seed = 0; seed < 6; ++seed) {
      sim::Rng rng(1);
      const auto sample = train::make_sample(films->draw(rng), input, options, sim::Rng(seed));
      INFO(shape.spacing.row_mm << " x " << shape.spacing.col_mm << ", seed " << seed);
      CHECK(side_ratio(sample.targets[index(Structure::F1)], 127) == Approx(seen).margin(0.06));
      CHECK(side_ratio(sample.square, 0.5) == Approx(seen).margin(0.06));
      options.target = train::Target::implants;
      const auto implant = train::make_sample(films->draw(rng), input, options, sim::Rng(seed));
      CHECK(side_ratio(implant.targets[0], 127) == Approx(seen).margin(0.06));
      options.target = train::Target::structures;
      const cv::Mat drawn = plain->draw(rng).film;
      CHECK(side_ratio(drawn, 0.5) == Approx(1).margin(0.03));
    }
    // The validation input is bit-identical to that of inference.
    const auto validation = train::folder_validation_films(folder.path(), input);
    CHECK(cv::norm(validation.at(0).views[0], to_net_square(film, box), cv::NORM_INF) == 0);
    CHECK(validation[0].spacing == film.info().spacing);
  }
}

TEST_CASE("A film in memory has square pixels and at most the rows of the film") {
  const TempDir folder;
  cv::Mat pixels(300, 200, CV_8UC1, cv::Scalar(40));
  cv::rectangle(pixels, cv::Rect(60, 90, 80, 70), cv::Scalar(200), cv::FILLED);
  write_image(folder / "film.png", pixels);
  sim::Rng rng(1);
  CHECK(train::plain_films(folder.path())->draw(rng).film.size() == cv::Size(200, 300));
}

TEST_CASE("Plain films are read from folders, other files are skipped") {
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
  // A record may be published: it counts skipped files without naming them.
  CHECK(films->description() == "2 films of a folder (1 could not be read)");
  CHECK(films->remark().find("broken.png") != std::string::npos);
  sim::Rng rng(1);
  const auto film = films->draw(rng);
  CHECK(film.film.rows == train::kCacheRows);
  CHECK(film.paths.implant.empty());
}
