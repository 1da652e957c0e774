#include "spine/stages/preprocess/burned_in_text.h"

#include "support/catch.h"
#include <opencv2/imgproc.hpp>

using namespace spine;

namespace {

/// A smooth body between dark air and a bright collimator's edge, with noise.
cv::Mat film_without_text(int depth, unsigned seed) {
  cv::Mat film(1600, 1300, CV_32F);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x) {
      const float u = static_cast<float>(x) / 1300, v = static_cast<float>(y) / 1600;
      film.at<float>(y, x) =
          0.05F + 0.75F * std::exp(-12 * (u - 0.5F) * (u - 0.5F)) * (0.5F + v / 2);
    }
  }
  cv::Mat noise(film.size(), CV_32F);
  cv::RNG random(seed);
  random.fill(noise, cv::RNG::NORMAL, 0, 0.015);
  film += noise;
  cv::Mat pixels;
  film.convertTo(pixels, depth, depth == CV_8U ? 255 : 65535);
  return pixels;
}

/// Draws text and returns the mask of the changed pixels.
cv::Mat write_on(cv::Mat& film, const std::string& text, cv::Point at, double scale, double level,
                 int thickness) {
  const cv::Mat before = film.clone();
  const double value = level * (film.depth() == CV_8U ? 255 : 65535);
  cv::putText(film, text, at, cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar(value), thickness,
              cv::LINE_AA);
  cv::Mat changed = before != film;
  return changed;
}

/// The share of pixels of a mask that lie in a box.
double covered(const cv::Mat& mask, const std::vector<cv::Rect>& boxes) {
  cv::Mat in(mask.size(), CV_8UC1, cv::Scalar(0));
  for (const auto& box : boxes) in(box).setTo(255);
  return static_cast<double>(cv::countNonZero(mask & in)) / std::max(1, cv::countNonZero(mask));
}

}  // namespace

TEST_CASE("Names are found at any size, brightness and bit depth") {
  for (const int depth : {CV_8U, CV_16U}) {
    for (const double scale : {0.5, 0.8, 1.5, 2.5}) {
      cv::Mat film = film_without_text(depth, 1);
      const int thick = scale < 1 ? 1 : 2;
      const cv::Mat name = write_on(film, "DOE, JANE 1950-01-01", {40, 90}, scale, 1, thick);
      const cv::Mat dark = write_on(film, "ID 4711-0815", {470, 1200}, scale, 0, thick);
      const auto boxes = find_burned_in_text(Image(film));
      INFO("scale " << scale << ", depth " << depth);
      CHECK(covered(name, boxes) > 0.99);
      CHECK(covered(dark, boxes) > 0.99);
    }
  }
}

TEST_CASE("Ink need not be the brightest of the film") {
  for (const double level : {0.65, 0.8, 0.95}) {
    cv::Mat film = film_without_text(CV_16U, 5);
    const cv::Mat name = write_on(film, "DOE, JANE 1950-01-01", {40, 90}, 1, level, 2);
    INFO("level " << level);
    CHECK(covered(name, find_burned_in_text(Image(film))) > 0.99);
  }
}

TEST_CASE("Letters of a few pixels and touching bold letters are found") {
  cv::Mat small = cv::Mat(400, 300, CV_8UC1, cv::Scalar(10));
  const cv::Mat tiny = write_on(small, "DOE JANE 1950", {10, 30}, 0.3, 1, 1);
  CHECK(covered(tiny, find_burned_in_text(Image(small))) > 0.99);
  cv::Mat film = film_without_text(CV_8U, 6);
  const cv::Mat before = film.clone();
  cv::putText(film, "DOE, JANE", {40, 90}, cv::FONT_HERSHEY_TRIPLEX, 1.5, 255, 5, cv::LINE_AA);
  CHECK(covered(cv::Mat(before != film), find_burned_in_text(Image(film))) > 0.99);
}

TEST_CASE("Text that runs upwards is found") {
  cv::Mat film = film_without_text(CV_8U, 2), rotated = film.t();
  const cv::Mat name = write_on(rotated, "DOE JANE", {60, 90}, 1, 1, 2);
  CHECK(covered(name.t(), find_burned_in_text(Image(cv::Mat(rotated.t())))) > 0.99);
}

TEST_CASE("Text is removed and other pixels are unchanged") {
  cv::Mat film = film_without_text(CV_16U, 3);
  const cv::Mat before = film.clone();
  const cv::Mat name = write_on(film, "DOE, JANE", {40, 90}, 1, 1, 2);
  cv::Mat after = film.clone();
  fill_boxes(after, find_burned_in_text(Image(film)));
  double largest = 0;
  cv::minMaxLoc(after, nullptr, &largest, nullptr, nullptr, name);
  CHECK(largest < 0.3 * 65535);
  const cv::Mat unchanged = cv::Mat(before == after);
  CHECK(cv::countNonZero(unchanged) > 0.97 * static_cast<double>(film.total()));
}

TEST_CASE("A film without text has no text boxes") {
  for (unsigned seed = 10; seed < 16; ++seed) {
    cv::Mat film = film_without_text(CV_8U, seed);
    // A side marker, screws of an implant.
    cv::putText(film, "R", {1100, 200}, cv::FONT_HERSHEY_SIMPLEX, 3, 255, 8);
    for (int i = 0; i < 5; ++i) cv::rectangle(film, cv::Rect(600, 300 + 150 * i, 180, 26), 255, -1);
    CHECK(find_burned_in_text(Image(film)).empty());
  }
}

TEST_CASE("Film grain of any size and strength is no text") {
  for (unsigned seed = 20; seed < 24; ++seed) {
    for (const double grain : {0.0, 0.8, 1.4}) {
      for (const double strength : {0.05, 0.12}) {
        cv::Mat film, noise(900, 500, CV_32F);
        film_without_text(CV_8U, seed)(cv::Rect(300, 500, 500, 900)).convertTo(film, CV_32F);
        cv::RNG random(seed);
        random.fill(noise, cv::RNG::NORMAL, 0, 1);
        if (grain > 0) cv::GaussianBlur(noise, noise, {}, grain);
        cv::Scalar mean, deviation;
        cv::meanStdDev(noise, mean, deviation);
        film += noise * (255 * strength / deviation[0]);
        film.convertTo(film, CV_8U);
        INFO("seed " << seed << ", grain " << grain << ", strength " << strength);
        CHECK(find_burned_in_text(Image(film)).empty());
      }
    }
  }
}

TEST_CASE("A name on a grainy film is found") {
  cv::Mat film = film_without_text(CV_8U, 30), noise(film.size(), CV_32F), grainy;
  cv::RNG random(30);
  random.fill(noise, cv::RNG::NORMAL, 0, 12);
  cv::GaussianBlur(noise, noise, {}, 0.7);
  film.convertTo(grainy, CV_32F);
  cv::Mat(grainy + noise).convertTo(film, CV_8U);
  const cv::Mat name = write_on(film, "DOE, JANE 1950-01-01", {40, 90}, 1, 1, 2);
  CHECK(covered(name, find_burned_in_text(Image(film))) > 0.99);
}
