#include "spine/stages/restore/implant_roi.h"

#include "support/catch.h"
#include "support/dice.h"
#include <opencv2/imgproc.hpp>

using namespace spine;
using spine::test::dice;

namespace {

constexpr int kNet = 192;
const cv::Size kFilm(1400, 2000);

/// A screw and, far from it, a pin.
cv::Mat film_implants() {
  cv::Mat implants = cv::Mat::zeros(kFilm, CV_8UC1);
  cv::line(implants, {500, 900}, {700, 960}, cv::Scalar(255), 40);
  cv::line(implants, {640, 1700}, {650, 1760}, cv::Scalar(255), 8);
  return implants;
}

/// Probability of a perfect network for a mask in a square.
cv::Mat perfect(const cv::Mat& mask, const Letterbox& box) {
  return to_square(Image(mask), box) / 255;
}

struct Scene {
  Letterbox first = letterbox(kFilm, std::nullopt, kNet);
  cv::Mat probability = perfect(film_implants(), first);
  ImplantRoi roi = plan_implant_roi(first, std::nullopt, probability > 0.3, kNet);
};

}  // namespace

TEST_CASE("windows lie in the fine square and cover the implants and their surroundings") {
  const Scene s;
  REQUIRE_FALSE(s.roi.windows.empty());
  CHECK(s.roi.box.net > 2 * s.first.net);
  cv::Mat covered = cv::Mat::zeros(s.roi.box.net, s.roi.box.net, CV_8UC1);
  for (const cv::Rect& window : s.roi.windows) {
    CHECK(window.size() == cv::Size(kNet, kNet));
    REQUIRE((window & cv::Rect({0, 0}, covered.size())) == window);
    covered(window) = 255;
  }
  cv::Mat implants = perfect(film_implants(), s.roi.box) > 0.5;
  cv::dilate(implants, implants, cv::Mat::ones(15, 15, CV_8U));
  CHECK(cv::countNonZero(implants & ~covered) == 0);
  // The top of the film shows no implant and has no window.
  CHECK(cv::countNonZero(covered.rowRange(0, kNet / 2)) == 0);
}

TEST_CASE("without implants there is no window, and the whole-film prediction is kept") {
  const Letterbox first = letterbox(kFilm, std::nullopt, kNet);
  const cv::Mat none = cv::Mat::zeros(kNet, kNet, CV_32FC1);
  const ImplantRoi roi = plan_implant_roi(first, std::nullopt, none > 0.3, kNet);
  CHECK(roi.windows.empty());
  CHECK(implant_squares(Image(film_implants()), roi).empty());
  CHECK(cv::countNonZero(merge_implant(roi, first, none, {})) == 0);
}

TEST_CASE("windows are cut from the film with their own grey range") {
  const Scene s;
  cv::Mat pixels(kFilm, CV_16UC1);
  cv::RNG random(2);
  random.fill(pixels, cv::RNG::UNIFORM, 500, 1500);
  pixels.setTo(3000, film_implants());
  const auto squares = implant_squares(Image(pixels), s.roi);
  REQUIRE(squares.size() == s.roi.windows.size());
  const cv::Mat implants = perfect(film_implants(), s.roi.box);
  for (std::size_t i = 0; i < squares.size(); ++i) {
    CHECK(squares[i].size() == cv::Size(kNet, kNet));
    const cv::Mat inside = implants(s.roi.windows[i]) > 0.99;
    if (cv::countNonZero(inside) > 0) CHECK(cv::mean(squares[i], inside)[0] > 0.9);
  }
}

TEST_CASE("ROI predictions replace the whole-film prediction inside the windows") {
  const Scene s;
  const cv::Mat fine = perfect(film_implants(), s.roi.box);
  std::vector<cv::Mat> windows;
  for (const cv::Rect& window : s.roi.windows) windows.push_back(fine(window).clone());
  const cv::Mat merged = merge_implant(s.roi, s.first, s.probability, windows);
  cv::Mat covered = cv::Mat::zeros(fine.size(), CV_8UC1);
  for (const cv::Rect& window : s.roi.windows) covered(window) = 255;
  cv::Mat difference;
  cv::absdiff(merged, fine, difference);
  difference.setTo(0, ~covered);
  CHECK(cv::norm(difference, cv::NORM_INF) < 1e-5);
  CHECK(dice(merged > 0.5, fine > 0.5) > 0.95);
  // Outside the windows the whole-film prediction is kept.
  const cv::Mat kept = merge_implant({s.roi.box, {}}, s.first, s.probability, {});
  CHECK(dice(kept > 0.5, fine > 0.5) > 0.8);
}
