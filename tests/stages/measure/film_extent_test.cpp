#include "spine/stages/measure/film_extent.h"

#include <cmath>

#include "support/catch.h"
#include "support/synthetic_spine.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/flags.h"
#include "spine/stages/measure/measure.h"

using namespace spine;
using namespace spine::test;

namespace {

using Names = std::vector<std::string>;

SyntheticSpine tall_spine(unsigned seed) {
  SyntheticSpine spine = random_spine(seed);
  spine.film = {1300, 1900};
  spine.hip_px = {600, 1600};
  spine.anterior = seed % 2 == 0 ? Side::left : Side::right;
  return spine;
}

/// Landmarks visible on a film cropped to these rows, in its own pixels.
Landmarks cut(const Landmarks& whole, int top, int bottom) {
  Landmarks marks = whole;
  marks.size.height = bottom - top;
  const auto move = [&](Endplate& plate) {
    plate.post.y -= top;
    plate.ant.y -= top;
    return std::min(plate.post.y, plate.ant.y) > 0 &&
           std::max(plate.post.y, plate.ant.y) < marks.size.height - 1;
  };
  for (auto& body : marks.vertebrae) {
    const bool sup = move(body->sup), inf = move(body->inf);
    if (!sup || !inf) body.reset();
  }
  if (!move(*marks.s1)) marks.s1.reset();
  std::erase_if(marks.femoral_heads, [&](FemoralHead& head) {
    head.center.y -= top;
    return head.center.y > marks.size.height;
  });
  return marks;
}

Names beyond(const Landmarks& marks, const std::optional<Spacing>& spacing = std::nullopt) {
  return beyond_film(marks, AnatomicalFrame(marks.anterior, spacing), cv::Rect({}, marks.size));
}

Image film_with(cv::Size size, const cv::Rect& shown, int around, int noise) {
  cv::Mat pixels(size, CV_16UC1, cv::Scalar(around));
  cv::RNG random(7);
  cv::Mat inside(shown.size(), CV_16UC1);
  random.fill(inside, cv::RNG::UNIFORM, 8000, 50000);
  cv::GaussianBlur(inside, inside, {}, 3);
  cv::normalize(inside, inside, 8000, 50000, cv::NORM_MINMAX);
  inside.copyTo(pixels(shown));
  cv::Mat grain(size, CV_16UC1);
  random.fill(grain, cv::RNG::UNIFORM, 0, noise + 1);
  return Image(pixels + grain);
}

void check_near(const cv::Rect& a, const cv::Rect& b, int margin) {
  INFO(a << " and " << b);
  CHECK(std::abs(a.x - b.x) <= margin);
  CHECK(std::abs(a.y - b.y) <= margin);
  CHECK(std::abs(a.br().x - b.br().x) <= margin);
  CHECK(std::abs(a.br().y - b.br().y) <= margin);
}

}  // namespace

TEST_CASE("nothing lies outside a film on which everything was found") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    CHECK(beyond(true_landmarks(tall_spine(seed))).empty());
  }
  CHECK(beyond(Landmarks{}).empty());
  Landmarks nothing;
  nothing.size = {100, 100};
  CHECK(beyond(nothing).empty());
}

TEST_CASE("heads that were not found lie outside only films that end above the hips") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    INFO(seed);
    const SyntheticSpine spine = tall_spine(seed);
    const Landmarks whole = true_landmarks(spine);
    const int hips = cvRound(whole.femoral_heads[0].center.y);
    const int s1 = cvRound(std::max(whole.s1->post.y, whole.s1->ant.y));
    CHECK(beyond(cut(whole, 0, s1 + (hips - s1) / 2)) == Names{"femoral heads"});
    Landmarks unseen = whole;
    unseen.femoral_heads.clear();
    CHECK(beyond(unseen).empty());
    CHECK(beyond(unseen, true_spacing(spine)).empty());
  }
}

TEST_CASE("heads lie outside a film that ends in front of them") {
  const Landmarks whole = true_landmarks(tall_spine(2));  // faces left
  const double front = std::min(whole.s1->ant.x, whole.s1->post.x);
  Landmarks marks = whole;
  marks.femoral_heads.clear();
  const AnatomicalFrame frame(marks.anterior, std::nullopt);
  const int from = cvRound(front + 60);
  CHECK(beyond_film(marks, frame, {from, 0, marks.size.width - from, marks.size.height}) ==
        Names{"femoral heads"});
}

TEST_CASE("anisotropic pixels, with or without spacing, do not move the limits") {
  for (const double squeeze : {0.75, 1.0, 1.3}) {
    INFO(squeeze);
    SyntheticSpine spine = tall_spine(4);
    spine.px_per_mm_y *= squeeze;
    spine.film.height = cvRound(spine.film.height * squeeze);
    spine.hip_px.y *= squeeze;
    const Landmarks whole = true_landmarks(spine);
    const double s1 = whole.s1->ant.y, hips = whole.femoral_heads[0].center.y;
    for (const auto& spacing : {std::optional<Spacing>(), std::optional(true_spacing(spine))}) {
      CHECK(beyond(cut(whole, 0, cvRound(s1 + 0.7 * (hips - s1))), spacing) ==
            Names{"femoral heads"});
      Landmarks unseen = whole;
      unseen.femoral_heads.clear();
      CHECK(beyond(unseen, spacing).empty());
    }
  }
}

TEST_CASE("upper bodies lie outside films that begin below them") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    INFO(seed);
    const Landmarks whole = true_landmarks(tall_spine(seed));
    const auto below = [&](std::size_t level) {
      const auto& plate = whole.vertebrae[level]->inf;
      return cvRound(std::max(plate.post.y, plate.ant.y)) + 2;
    };
    const int bottom = whole.size.height;
    // Cut in a disc, or through the corner of the body below it.
    for (const std::size_t level : {0, 1, 2}) {
      const Landmarks marks = cut(whole, below(level), bottom);
      Names lost;
      for (std::size_t i = 0; i < kLumbarCount; ++i) {
        if (!marks.vertebrae[i]) lost.emplace_back(to_string(kStructures[i]));
      }
      CHECK(lost.size() > level);
      CHECK(beyond(marks) == lost);
    }
    // In the middle of a body.
    const Endplate& sup = whole.vertebrae[0]->sup;
    const int middle = (cvRound(std::max(sup.post.y, sup.ant.y)) + below(0)) / 2;
    CHECK(beyond(cut(whole, middle, bottom)) == Names{"L1"});
    // A body inside the film is missing, at the top or further down.
    Landmarks unseen = whole;
    unseen.vertebrae[0].reset();
    CHECK(beyond(unseen).empty());
    unseen.vertebrae[2].reset();
    CHECK(beyond(unseen).empty());
  }
}

TEST_CASE("structures below the lowest body lie outside a film that ends there") {
  const Landmarks whole = true_landmarks(tall_spine(5));
  const auto end_of = [&](std::size_t level) {
    const Endplate& plate = whole.vertebrae[level]->inf;
    return cvRound(std::max(plate.post.y, plate.ant.y)) + 3;
  };
  CHECK(beyond(cut(whole, 0, end_of(4))) == Names{"S1", "femoral heads"});
  CHECK(beyond(cut(whole, 0, end_of(3))) == Names{"L5", "S1", "femoral heads"});
  Landmarks unseen = whole;
  unseen.s1.reset();
  CHECK(beyond(unseen).empty());
}

TEST_CASE("values that need structures outside the film say so, others are unchanged") {
  const Landmarks whole = true_landmarks(tall_spine(6));
  const int s1 = cvRound(std::max(whole.s1->post.y, whole.s1->ant.y));
  const Landmarks marks = cut(whole, 0, s1 + 100);
  const Measurements cut_off = measure(marks), all = measure(whole);
  CHECK(cut_off.not_in_film == Names{"femoral heads"});
  for (const Measurement& m : cut_off.values) {
    INFO(m.name);
    const bool hips = m.name == "PI" || m.name == "PT" || m.name == "PI_LL" || m.name == "L1PA" ||
                      m.name.starts_with("schwab") || m.name.starts_with("ideal") ||
                      m.name.starts_with("relative");
    CHECK(m.status == (hips ? kNotInFilm : "ok"));
    CHECK(m.value.has_value() == !hips);
    if (m.value) CHECK(*m.value == Approx(*all.find(m.name)->value));
  }
  CHECK(assess(cut_off).verdict == Verdict::ok);

  // Collimated instead of cut, or with the exposed part not known.
  Landmarks unseen = whole;
  unseen.femoral_heads.clear();
  MeasureOptions collimated;
  collimated.exposed = cv::Rect(0, 0, unseen.size.width, s1 + 100);
  CHECK(measure(unseen, collimated).find("PT")->status == kNotInFilm);
  CHECK(measure(unseen).find("PT")->status == "missing: femoral heads");
  CHECK(assess(measure(unseen)).verdict == Verdict::missing);

  // Structures inside the film that were not found are still missing.
  Landmarks less = marks;
  less.vertebrae[1].reset();
  const Measurements lacking = measure(less);
  CHECK(lacking.find("PT")->status == kNotInFilm);
  CHECK(lacking.find("segmental_L1_L2")->status == "missing: L2");
  CHECK(assess(lacking).verdict == Verdict::missing);
  less = cut(whole, cvRound(whole.vertebrae[1]->sup.post.y), s1 + 100);
  less.vertebrae[3].reset();
  CHECK(measure(less).find("LL")->status == kNotInFilm);
  CHECK(measure(less).find("LDI")->status == kNotInFilm);
  CHECK(measure(less).find("L4_S1")->status == "missing: L4");
}

TEST_CASE("the exposed field excludes blank borders") {
  const cv::Size size(900, 1200);
  const cv::Rect shown(120, 90, 700, 880);
  for (const int around : {0, 30000, 65000}) {
    INFO(around);
    check_near(exposed_field(film_with(size, shown, around, 400)), shown, 10);
  }
  const cv::Rect whole({}, size);
  CHECK(exposed_field(film_with(size, whole, 0, 400)) == whole);
  // A border at one side, and one with a mark in it.
  check_near(exposed_field(film_with(size, {0, 0, 900, 1000}, 0, 0)), {0, 0, 900, 1000}, 10);
  cv::Mat marked = film_with(size, shown, 0, 0).pixels().clone();
  marked(cv::Rect(20, 30, 60, 40)) = 60000;
  check_near(exposed_field(Image(marked)), shown, 10);
  // A blank film has no exposed field of its own.
  CHECK(exposed_field(Image(cv::Mat(size, CV_8UC1, cv::Scalar(7)))) == whole);
  CHECK(exposed_field(film_with(size, {400, 500, 60, 60}, 0, 0)) == whole);
  CHECK(exposed_field(Image(cv::Mat(1, 1, CV_8UC1, cv::Scalar(7)))) == cv::Rect(0, 0, 1, 1));
}
