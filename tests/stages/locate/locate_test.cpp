#include "spine/stages/locate/locate.h"

#include <algorithm>

#include "support/catch.h"
#include "support/near.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/stages/measure/measure.h"
#include "spine/stages/segment/anterior.h"

using namespace spine;
using namespace spine::test;

namespace {

SyntheticSpine small_spine(unsigned seed) {
  SyntheticSpine spine = random_spine(seed);
  spine.px_per_mm_x = spine.px_per_mm_y = 3;
  spine.film = {850, 1250};
  spine.hip_px = {seed % 2 == 0 ? 350.0 : 500.0, 1080};
  spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
  return spine;
}

cv::Mat mirrored(const cv::Mat& m) {
  cv::Mat result;
  cv::flip(m, result, 1);
  return result;
}

}  // namespace

TEST_CASE("the anterior side is found on films of either orientation") {
  for (unsigned seed = 0; seed < 10; ++seed) {
    const SyntheticSpine spine = small_spine(seed);
    const MaskStack masks = true_masks(spine);
    CHECK(find_anterior(masks) == spine.anterior);

    MaskStack no_heads = masks;
    for (const Structure s : {Structure::F1, Structure::F2}) {
      no_heads.set(s, cv::Mat::zeros(masks.size(), CV_8UC1));
    }
    CHECK(find_anterior(no_heads) == spine.anterior);
  }
}

TEST_CASE("empty masks give no landmarks and no anterior side") {
  const MaskStack masks({300, 400});
  CHECK_FALSE(find_anterior(masks).has_value());
  for (const auto method : {LandmarkMethod::fit, LandmarkMethod::baseline}) {
    LocateOptions options;
    options.method = method;
    const Located located = locate(masks, options);
    CHECK(located.landmarks.size == cv::Size(300, 400));
    CHECK_FALSE(located.landmarks.s1.has_value());
    CHECK(located.landmarks.femoral_heads.empty());
    for (const auto& v : located.landmarks.vertebrae) CHECK_FALSE(v.has_value());
    CHECK(located.qc == std::vector<std::string>{"anterior_uncertain"});
  }
}

TEST_CASE("the requested side is used, and a conflict with the anatomy is flagged") {
  const SyntheticSpine spine = small_spine(2);
  LocateOptions options;
  options.anterior = Side::right;
  const Located located = locate(true_masks(spine), options);
  CHECK(located.landmarks.anterior == Side::right);
  CHECK(located.qc == std::vector<std::string>{"anterior_conflict"});
  options.anterior = Side::left;
  CHECK(locate(true_masks(spine), options).qc.empty());
}

TEST_CASE("specks, a single pixel and a body of implausible size are excluded") {
  const SyntheticSpine spine = small_spine(2);
  MaskStack masks = true_masks(spine);
  cv::Mat pixel = cv::Mat::zeros(masks.size(), CV_8UC1);
  pixel.at<uchar>(50, 50) = 255;
  masks.set(Structure::L2, pixel);
  cv::Mat huge = cv::Mat::zeros(masks.size(), CV_8UC1);
  huge(cv::Rect(10, 10, 600, 500)).setTo(255);
  masks.set(Structure::L4, huge);
  const Located located = locate(masks);
  CHECK_FALSE(located.landmarks.vertebrae[1].has_value());
  CHECK_FALSE(located.landmarks.vertebrae[3].has_value());
  CHECK(located.landmarks.vertebrae[2].has_value());
  CHECK(std::count(located.qc.begin(), located.qc.end(), "implausible_L4") == 1);
}

TEST_CASE("heads outside the exposed field are excluded") {
  const SyntheticSpine spine = small_spine(1);
  const MaskStack masks = true_masks(spine);
  LocateOptions options;
  options.exposed = cv::Rect({}, masks.size());
  CHECK(locate(masks, options).landmarks.femoral_heads.size() == 2);
  options.exposed->height = cvRound(spine.hip_px.y) - 60;
  const Located located = locate(masks, options);
  CHECK(located.landmarks.femoral_heads.empty());
  CHECK(located.qc.empty());
  // Hence they lie outside the film.
  CHECK(measure(located.landmarks, {std::nullopt, {}, options.exposed}).find("PT")->status ==
        kNotInFilm);
}

TEST_CASE("a head's mask at the film's edge without a circle is cropped") {
  const SyntheticSpine spine = small_spine(1);
  MaskStack masks = true_masks(spine);
  const auto with_head = [&](const cv::Rect& strip) {
    cv::Mat head = cv::Mat::zeros(masks.size(), CV_8UC1);
    head(strip) = 255;
    masks.set(Structure::F2, head);
    return locate(masks).qc;
  };
  const cv::Size film = masks.size();
  CHECK(with_head({300, film.height - 12, 120, 12}) == std::vector<std::string>{"cropped_F2"});
  CHECK(with_head({300, film.height - 112, 120, 12}) == std::vector<std::string>{"implausible_F2"});
}

TEST_CASE("the mirrored film gives mirrored landmarks") {
  const SyntheticSpine spine = small_spine(4);
  const MaskStack masks = true_masks(spine);
  MaskStack other(masks.size());
  for (const Structure s : kStructures) other.set(s, mirrored(masks[s]));
  for (const auto method : {LandmarkMethod::fit, LandmarkMethod::baseline}) {
    LocateOptions options;
    options.method = method;
    const Landmarks a = locate(masks, options).landmarks, b = locate(other, options).landmarks;
    REQUIRE(a.anterior == Side::left);
    REQUIRE(b.anterior == Side::right);
    const Measurements ma = measure(a), mb = measure(b);
    for (std::size_t i = 0; i < ma.values.size(); ++i) {
      INFO(ma.values[i].name);
      REQUIRE(ma.values[i].value.has_value());
      CHECK(*ma.values[i].value == near(*mb.values[i].value, 0.35));
    }
  }
}
