// The default weights on films of data_samples/: the behaviour without options.
#include <cmath>
#include <functional>
#include <numbers>

#include "support/catch.h"
#include "support/dice.h"
#include "support/temp_dir.h"
#include <opencv2/imgproc.hpp>

#include "spine/batch/pipeline_job.h"
#include "spine/batch/restore_job.h"
#include "spine/io/image_io.h"
#include "spine/io/mask_io.h"

using namespace spine;
using spine::test::dice;
using namespace spine::batch;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kSamples = SPINE_SAMPLES_DIR;
const Spacing kSpacing{0.366943, 0.366943};

/// The patient of sample 600009 before an operation, and after it.
Image bare_film() { return read_film(kSamples / "films/sim-600009.png", {kSpacing}); }
Image implanted_film() { return read_film(kSamples / "films/sim-600009-implant.png", {kSpacing}); }
cv::Mat implant() { return read_mask(kSamples / "truth/sim-600009-implant/implant_mask.png"); }

Restorer& restorer() {
  static Restorer loaded = load_restorer("default", "default", "default", {"cpu"});
  return loaded;
}

Restoration restore_one(const Image& film, const RestoreOptions& options = {}) {
  return restore(film, restorer(), options);
}

bool same(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

/// Root mean square difference over the implants, grey values.
double error_over_implant(const Image& film, const Image& bare) {
  cv::Mat difference;
  cv::subtract(film.pixels(), bare.pixels(), difference, cv::noArray(), CV_64F);
  return std::sqrt(cv::mean(difference.mul(difference), implant())[0]);
}

/// The film without implants with a painted object at least as bright as its brightest bone.
Image painted(const std::function<void(cv::Mat&)>& paint) {
  const Image bare = bare_film();
  cv::Mat over = cv::Mat::zeros(bare.size(), CV_32FC1);
  paint(over);
  cv::GaussianBlur(over, over, {}, 1.0);
  cv::Mat grey;
  bare.pixels().convertTo(grey, CV_32F);
  const cv::Mat white(grey.size(), CV_32FC1, cv::Scalar(bare.max_value()));
  grey = grey.mul(1 - over) + white.mul(over);
  cv::Mat pixels;
  grey.convertTo(pixels, bare.pixels().type());
  return Image(pixels, bare.info());
}

void paint_necklace(cv::Mat& film) {
  const cv::Point middle(film.cols / 2, film.rows / 12);
  for (int degrees = 0; degrees <= 180; degrees += 6) {
    const double angle = degrees * std::numbers::pi / 180;
    cv::circle(film,
               {middle.x + cvRound(0.3 * film.cols * std::cos(angle)),
                middle.y + cvRound(0.05 * film.rows * std::sin(angle))},
               4, cv::Scalar(0.9), cv::FILLED);
  }
}

void paint_text(cv::Mat& film) {
  cv::putText(film, "R  LAT 12", {20, 60}, cv::FONT_HERSHEY_SIMPLEX, 1.4, cv::Scalar(1), 4);
  cv::rectangle(film, {film.cols - 130, film.rows / 2, 100, 60}, cv::Scalar(1), cv::FILLED);
  cv::putText(film, "R", {film.cols - 95, film.rows / 2 + 45}, cv::FONT_HERSHEY_SIMPLEX, 1.4,
              cv::Scalar(0), 5);
}

/// Barium in bowel loops.
void paint_contrast_medium(cv::Mat& film) {
  cv::RNG random(11);
  for (int i = 0; i < 14; ++i) {
    const cv::Point at(film.cols / 6 + random.uniform(0, film.cols / 6),
                       film.rows / 3 + random.uniform(0, film.rows / 4));
    cv::ellipse(film, at, {random.uniform(15, 35), random.uniform(10, 20)},
                random.uniform(0.0, 180.0), 0, 360, cv::Scalar(0.6), cv::FILLED);
  }
  cv::GaussianBlur(film, film, {}, 5);
}

}  // namespace

TEST_CASE("default weights: implants are filled in, all other pixels are bit-identical") {
  const Image film = implanted_film();
  const Restoration result = restore_one(film);
  CHECK(result.filled_in);
  CHECK(result.confidence > 0.9);
  CHECK(dice(result.implant_mask, implant()) > 0.8);
  cv::Mat changed = result.film.pixels() != film.pixels();
  CHECK(cv::countNonZero(changed & ~result.implant_mask) == 0);
  CHECK(cv::countNonZero(changed) > 0.9 * cv::countNonZero(result.implant_mask));
  // Less than half of the error of the implants.
  CHECK(error_over_implant(result.film, bare_film()) < 0.5 * error_over_implant(film, bare_film()));
}

TEST_CASE("default weights: the result does not depend on the bit depth in use") {
  const Image film = implanted_film();
  REQUIRE(film.pixels().type() == CV_16UC1);
  cv::Mat dim;
  film.pixels().convertTo(dim, CV_16U, 1.0 / 16);
  const Restoration whole = restore_one(film);
  const Restoration part = restore_one(Image(dim, film.info()));
  CHECK(dice(whole.implant_mask, part.implant_mask) > 0.99);
  cv::Mat expected;
  whole.film.pixels().convertTo(expected, CV_16U, 1.0 / 16);
  cv::Mat difference;
  cv::absdiff(part.film.pixels(), expected, difference);
  CHECK(cv::mean(difference, whole.implant_mask & part.implant_mask)[0] < 0.01 * 4096);
}

TEST_CASE("default weights: an inverted film is restored like the original") {
  const test::TempDir temp;
  cv::Mat inverted;
  cv::bitwise_not(implanted_film().pixels(), inverted);
  write_image(temp / "inverted.png", inverted);
  const Image film = read_film(temp / "inverted.png", {kSpacing});
  REQUIRE(film.info().inverted);
  CHECK(same(restore_one(film).film.pixels(), restore_one(implanted_film()).film.pixels()));
}

TEST_CASE("default weights: bright objects other than implants are unchanged") {
  const Image film = GENERATE(bare_film(), painted(paint_necklace), painted(paint_text),
                              painted(paint_contrast_medium));
  const Restoration result = restore_one(film);
  CHECK_FALSE(result.found());
  CHECK(result.confidence < ImplantMaskOptions{}.seed);
  CHECK(same(result.film.pixels(), film.pixels()));
}

TEST_CASE("default weights: a film covered by implants is not filled in") {
  const Image film = painted([](cv::Mat& over) { over.rowRange(over.rows / 8, over.rows) = 1; });
  const Restoration result = restore_one(film);
  CHECK_FALSE(result.filled_in);
  CHECK(same(result.film.pixels(), film.pixels()));
}

TEST_CASE("default weights: the pipeline also segments the restored film and records it") {
  Segmenter segmenter = load_segmenter("default", "default", "default", {"cpu"});
  RestoreOptions options;
  options.only_implanted = true;
  const PipelineJob job(segmenter, {}, {&restorer(), options}, {});
  CHECK(job.description().options.at("restore").at("implant_sha256").get<std::string>().size() ==
        64);
  CHECK(
      job.description().options.at("restore").at("implant_roi_sha256").get<std::string>().size() ==
      64);
  CHECK_FALSE(job.description().options.dump().find(kSamples.parent_path().string()) !=
              std::string::npos);

  const StudyFilm implanted{implanted_film(), {}}, without{bare_film(), {}};
  const Image &film = implanted.image, &bare = without.image;
  const PipelineResult of_implanted = job.process(implanted), of_bare = job.process(without);
  const Image restored = restore_one(film).film;
  CHECK(same(of_implanted.restoration->film.pixels(), restored.pixels()));
  const Segmentation twofold = segment(film, segmenter, {}, &restored);
  const Segmentation plain_look = segment(bare, segmenter);
  for (const Structure s : kStructures) {
    CHECK(same(of_implanted.segmentation.masks[s], twofold.masks[s]));
    CHECK(same(of_bare.segmentation.masks[s], plain_look.masks[s]));
  }
  CHECK_FALSE(same(of_implanted.segmentation.masks[Structure::L5],
                   segment(film, segmenter).masks[Structure::L5]));

  const test::TempDir temp;
  Study study;
  study.id = "s";
  study.path = "x.png";
  const json record = job.write(study, implanted, of_implanted, temp.path(), json::object());
  CHECK(record.at("restoration").at("filled_in") == true);
  CHECK(record.at("qc").dump().find("\"implant\"") != std::string::npos);
  CHECK(fs::exists(temp / "restored.png"));
  CHECK(fs::exists(temp / "implant_mask.png"));
  const test::TempDir other;
  const json plain = job.write(study, without, of_bare, other.path(), json::object());
  CHECK(plain.at("restoration").at("implant_found") == false);
  CHECK(plain.at("qc").dump().find("implant") == std::string::npos);
  CHECK_FALSE(fs::exists(other / "restored.png"));
}

TEST_CASE("default weights: a restored film without structures hardly changes the masks") {
  const Segmenter segmenter = load_segmenter("default", "default", "", {"cpu"});
  const Image film = bare_film();
  cv::Mat grey(film.size(), film.pixels().type());
  grey.setTo(cv::mean(film.pixels()));
  const Image empty(grey, film.info());
  const Segmentation plain = segment(film, segmenter), both = segment(film, segmenter, {}, &empty);
  for (const Structure s : kStructures) {
    CHECK(dice(both.masks[s], plain.masks[s]) > 0.95);
  }
}

TEST_CASE("default weights: a spine that the restored film contradicts is taken from the film") {
  const Segmenter segmenter = load_segmenter("default", "default", "", {"cpu"});
  const Image film = bare_film();
  cv::Mat shifted;
  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, -film.size().width / 6.0, 0, 1, 0);
  cv::warpAffine(film.pixels(), shifted, shift, film.size());
  const Image contradicting(shifted, film.info());
  const Segmentation alone = segment(film, segmenter);
  const Segmentation both = segment(film, segmenter, {}, &contradicting);
  REQUIRE(both.spine_found);
  for (const Structure s : kStructures) CHECK(same(both.masks[s], alone.masks[s]));
}
