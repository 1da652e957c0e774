#include "spine/stages/restore/restore.h"

#include "batch/tiny_restorer.h"
#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/util/thread_group.h"

using namespace spine;

namespace {

Restoration restore_one(const Image& film, const RestoreOptions& options) {
  return restore(film, test::tiny_restorer(), options);
}

/// Number of pixels outside the mask that changed.
int changed_outside(const Restoration& restoration, const Image& film) {
  cv::Mat difference;
  cv::absdiff(restoration.film.pixels(), film.pixels(), difference);
  difference.setTo(0, restoration.implant_mask);
  return cv::countNonZero(difference);
}

}  // namespace

TEST_CASE("the brightness method finds a bar, and all other pixels are unchanged") {
  const Image film = test::barred_film(GENERATE(CV_8UC1, CV_16UC1));
  RestoreOptions options;
  options.method = RestoreMethod::brightness;
  const Restoration result = restore_one(film, options);
  REQUIRE(result.parts.size() == 1);
  CHECK(result.parts[0].box == cv::Rect(60, 80, 40, 12));
  CHECK(result.film.pixels().type() == film.pixels().type());
  CHECK(changed_outside(result, film) == 0);
  CHECK(cv::mean(result.film.pixels(), result.implant_mask)[0] < 0.5 * film.max_value());
}

TEST_CASE("a film that would be mostly filled in is returned unchanged, with a note") {
  cv::Mat pixels = test::barred_film(CV_8UC1).pixels().clone();
  pixels.rowRange(0, 120).setTo(255);
  const Image film(pixels);
  RestoreOptions options;
  options.method = RestoreMethod::brightness;
  const Restoration result = restore_one(film, options);
  CHECK(result.found());
  CHECK_FALSE(result.filled_in);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0].find("60 %") != std::string::npos);
  CHECK(cv::countNonZero(result.implant_mask) == 120 * 150);
  CHECK(cv::norm(result.film.pixels(), film.pixels(), cv::NORM_INF) == 0);
}

TEST_CASE("a film without implants is returned unchanged") {
  const Image film = test::barred_film();
  RestoreOptions options;
  options.mask.seed = 1.5;  // above any probability
  options.draw = GENERATE(false, true);
  const Restoration result = restore_one(film, options);
  CHECK_FALSE(result.found());
  CHECK_FALSE(result.filled_in);
  CHECK(cv::countNonZero(result.implant_mask) == 0);
  CHECK(cv::norm(result.film.pixels(), film.pixels(), cv::NORM_INF) == 0);
  CHECK(result.reconstruction.empty() == !options.draw);
  CHECK(result.difference.size() == result.reconstruction.size());
}

TEST_CASE("ROI predictions refine the implants of the whole-film prediction and add none") {
  const Image film = test::barred_film();
  Restorer with_roi = test::tiny_restorer("implant", "implant");
  RestoreOptions options;
  options.largest_share = 1;
  // Random networks give medium probabilities of implants anywhere.
  options.mask.threshold = options.mask.seed = 0;
  const double highest = restore_one(film, options).confidence;
  options.mask.threshold = options.mask.seed = 0.98 * highest;
  const Restoration whole_film = restore_one(film, options);
  REQUIRE(whole_film.found());
  const Restoration refined = restore(film, with_roi, options);
  REQUIRE(refined.found());
  CHECK(cv::norm(whole_film.implant_mask, refined.implant_mask, cv::NORM_INF) > 0);
  CHECK(changed_outside(refined, film) == 0);
  options.mask.seed = 1.5;  // above any probability
  CHECK_FALSE(restore(film, with_roi, options).found());
}

TEST_CASE("with only_implanted the implant network decides, for any method") {
  const Image film = test::barred_film();
  RestoreOptions options;
  options.method = GENERATE(RestoreMethod::brightness, RestoreMethod::baseline);
  CHECK(restore_one(film, options).filled_in);
  options.only_implanted = true;
  options.mask.seed = 1.5;  // above any probability
  CHECK_FALSE(restore_one(film, options).found());
}

TEST_CASE("concurrent restorations give the same as single ones") {
  const std::vector<Image> films{test::barred_film(), test::barred_film(CV_8UC1)};
  RestoreOptions options;
  options.method = RestoreMethod::baseline;
  const Restorer restorer = test::tiny_restorer();
  std::vector<Restoration> together(8, restore(films[0], restorer, options));
  for_each_index(together.size(), 4,
                 [&](std::size_t i) { together[i] = restore(films[i % 2], restorer, options); });
  for (std::size_t i = 0; i < together.size(); ++i) {
    const Restoration alone = restore(films[i % 2], restorer, options);
    CHECK(cv::norm(together[i].film.pixels(), alone.film.pixels(), cv::NORM_INF) == 0);
  }
}

TEST_CASE("networks with other outputs are an error") {
  const Image film = test::barred_film();
  Restorer wrong = test::tiny_restorer("good");
  CHECK_THROWS_AS(restore(film, wrong, {}), Error);
  Restorer wrong_roi_model = test::tiny_restorer("implant", "good");
  CHECK_THROWS_AS(restore(film, wrong_roi_model, {}), Error);
  Restorer without = test::tiny_restorer("");
  CHECK_THROWS_AS(restore(film, without, {}), Error);
  RestoreOptions options;
  options.method = RestoreMethod::baseline;
  CHECK_NOTHROW(restore(film, without, options));
  options.only_implanted = true;
  CHECK_THROWS_AS(restore(film, without, options), Error);
}
