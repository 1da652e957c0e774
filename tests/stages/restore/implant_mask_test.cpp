#include "spine/stages/restore/implant_mask.h"

#include "support/catch.h"
#include "support/dice.h"
#include <opencv2/imgproc.hpp>

using namespace spine;
using spine::test::dice;

namespace {

/// A grey film of 800 by 1,000 pixels with a bright screw, the screw's mask, and the probability of
/// a network of 100 pixels.
struct Scene {
  cv::Mat pixels = cv::Mat(1000, 800, CV_16UC1, cv::Scalar(20000));
  cv::Mat implant = cv::Mat::zeros(1000, 800, CV_8UC1);
  Letterbox box = letterbox({800, 1000}, std::nullopt, 100);
  cv::Mat probability;
  GreyRange greys{0, 50000};
};

Scene scene() {
  Scene s;
  cv::line(s.implant, {300, 400}, {520, 470}, cv::Scalar(255), 30);
  s.pixels.setTo(45000, s.implant);
  cv::GaussianBlur(s.pixels, s.pixels, {7, 7}, 1.5);
  s.probability = cv::Mat::zeros(100, 100, CV_32FC1);
  cv::Mat small;
  cv::resize(s.implant, small, s.box.content().size(), 0, 0, cv::INTER_AREA);
  small.convertTo(s.probability(s.box.content()), CV_32F, 0.99 / 255);
  return s;
}

}  // namespace

TEST_CASE("the outline of an implant has film resolution") {
  const Scene s = scene();
  ImplantMaskOptions options;
  options.margin = 0;
  const ImplantMask found = implant_mask(Image(s.pixels), s.probability, s.box, s.greys, options);
  CHECK(dice(found.mask, s.implant) > 0.95);
  cv::Mat coarse;
  cv::resize(s.probability(s.box.content()), coarse, s.implant.size(), 0, 0, cv::INTER_LINEAR);
  CHECK(dice(found.mask, s.implant) > dice(coarse > 0.5, s.implant));
  REQUIRE(found.parts.size() == 1);
  CHECK(found.parts[0].area_px == cv::countNonZero(found.mask));
  CHECK(found.parts[0].box == cv::boundingRect(found.mask));
  CHECK(found.parts[0].confidence == Approx(0.99).margin(0.01));
}

TEST_CASE("the margin dilates the mask") {
  const Scene s = scene();
  ImplantMaskOptions options;
  options.margin = 0;
  const cv::Mat tight = implant_mask(Image(s.pixels), s.probability, s.box, s.greys, options).mask;
  options.margin = 0.5;
  const ImplantMask wide = implant_mask(Image(s.pixels), s.probability, s.box, s.greys, options);
  const double unit = 0.5 / s.box.scale_x + 0.5 / s.box.scale_y;
  cv::Mat expected;
  const int r = static_cast<int>(std::lround(0.5 * unit));
  cv::dilate(tight, expected, cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * r + 1, 2 * r + 1}));
  CHECK(cv::norm(wide.mask, expected, cv::NORM_INF) == 0);
  CHECK(wide.parts[0].area_px == cv::countNonZero(wide.mask));
}

TEST_CASE("adjacent components share no pixel, and one of low probability is excluded") {
  Scene s = scene();
  // A second component beside the first, network pixels.
  cv::rectangle(s.probability, {38, 52, 14, 3}, cv::Scalar(0.98), cv::FILLED);
  const ImplantMask both = implant_mask(Image(s.pixels), s.probability, s.box, s.greys);
  REQUIRE(both.parts.size() == 2);
  double area = 0;
  for (const ImplantPart& part : both.parts) area += part.area_px;
  CHECK(area == cv::countNonZero(both.mask));
  CHECK(both.confidence == Approx(0.99).margin(0.01));
  cv::rectangle(s.probability, {38, 52, 14, 3}, cv::Scalar(0.6), cv::FILLED);
  const ImplantMask one = implant_mask(Image(s.pixels), s.probability, s.box, s.greys);
  REQUIRE(one.parts.size() == 1);
  CHECK(one.parts[0].confidence == Approx(0.99).margin(0.01));
}

TEST_CASE("the mask does not depend on the film's grey range") {
  const Scene s = scene();
  cv::Mat dim;
  s.pixels.convertTo(dim, CV_16U, 1.0 / 16);
  const GreyRange greys{s.greys.low / 16, s.greys.high / 16};
  const ImplantMask whole = implant_mask(Image(s.pixels), s.probability, s.box, s.greys);
  const ImplantMask part = implant_mask(Image(dim), s.probability, s.box, greys);
  CHECK(dice(whole.mask, part.mask) > 0.995);
}

TEST_CASE("where implant and bone are equally bright the network's outline is kept") {
  Scene s = scene();
  s.pixels.setTo(45000);
  const ImplantMask found = implant_mask(Image(s.pixels), s.probability, s.box, s.greys);
  CHECK(dice(found.mask, s.implant) > 0.75);
}

TEST_CASE("components of small area or low probability are excluded") {
  Scene s = scene();
  ImplantMaskOptions options;
  options.min_area = 1000;
  CHECK(implant_mask(Image(s.pixels), s.probability, s.box, s.greys, options).parts.empty());
  options = {};
  const ImplantMask none =
      implant_mask(Image(s.pixels), 0.7 * s.probability, s.box, s.greys, options);
  CHECK(none.parts.empty());
  CHECK(cv::countNonZero(none.mask) == 0);
  CHECK(none.confidence == Approx(0.69).margin(0.01));
  CHECK(implant_mask(Image(s.pixels), 0.4 * s.probability, s.box, s.greys).confidence ==
        Approx(0.39).margin(0.01));
  options.seed = options.threshold;
  CHECK(implant_mask(Image(s.pixels), 0.7 * s.probability, s.box, s.greys, options).parts.size() ==
        1);
}

TEST_CASE("the baseline's mask excludes the side columns and finds what is reconstructed darker") {
  const Letterbox box = letterbox({256, 256}, std::nullopt, 256);
  cv::Mat film(256, 256, CV_32FC1, cv::Scalar(0.3));
  const cv::Mat drawn = film.clone();
  cv::rectangle(film, {110, 100, 40, 12}, cv::Scalar(0.98), cv::FILLED);
  cv::rectangle(film, {5, 20, 30, 10}, cv::Scalar(1.0), cv::FILLED);     // text on the left
  cv::rectangle(film, {215, 200, 30, 10}, cv::Scalar(1.0), cv::FILLED);  // and on the right
  cv::circle(film, {128, 200}, 0, cv::Scalar(1.0));                      // a speck
  const cv::Mat mask = implant_mask_by_baseline(film, drawn, box);
  CHECK(cv::boundingRect(mask) == cv::Rect(110, 100, 40, 12));
}

TEST_CASE("the baseline's side columns are in proportion to the film in its square") {
  const Letterbox box = letterbox({600, 1200}, std::nullopt, 256);
  cv::Mat film(256, 256, CV_32FC1, cv::Scalar(0.3));
  const cv::Mat drawn = film.clone();
  film(box.content()) = cv::Scalar(0.8);
  const cv::Mat mask = implant_mask_by_baseline(film, drawn, box);
  const cv::Rect found = cv::boundingRect(mask);
  CHECK(found.x == Approx(600 * 50.0 / 256).margin(8));
  CHECK(found.br().x == Approx(600 * 206.0 / 256).margin(8));
}

TEST_CASE("the brightness method selects the top of the grey range") {
  cv::Mat pixels(64, 64, CV_8UC1, cv::Scalar(50));
  pixels(cv::Rect(0, 0, 8, 8)) = 10;
  pixels(cv::Rect(20, 20, 10, 10)) = 250;
  const cv::Mat mask = implant_mask_by_brightness(Image(pixels), 0.9);
  CHECK(cv::boundingRect(mask) == cv::Rect(20, 20, 10, 10));
}
