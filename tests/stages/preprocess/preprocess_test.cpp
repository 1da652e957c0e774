#include "spine/stages/preprocess/preprocess.h"

#include "support/catch.h"
#include "support/near.h"
#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"

using namespace spine;
using spine::test::near;

namespace {

cv::Mat noise(cv::Size size, int type, double low, double high) {
  cv::Mat pixels(size, type);
  cv::RNG rng(7);
  rng.fill(pixels, cv::RNG::UNIFORM, low, high);
  return pixels;
}

bool in_unit_range(const cv::Mat& plane) {
  double low = 0, high = 0;
  cv::minMaxLoc(plane, &low, &high);
  return low >= 0 && high <= 1;
}

}  // namespace

TEST_CASE("letterbox keeps the aspect and centres the film") {
  const Letterbox box = letterbox({1000, 2000}, std::nullopt, 256);
  CHECK(box.scale_x == near(0.128));
  CHECK(box.scale_y == near(0.128));
  CHECK(box.content() == cv::Rect(64, 0, 128, 256));
  const cv::Point2d centre = box.to_net({499.5, 999.5});
  CHECK(centre.x == near(127.5));
  CHECK(centre.y == near(127.5));
}

TEST_CASE("The map between two letterboxes is that over the film") {
  const cv::Size film(1713, 911);
  const Letterbox from = letterbox(film, Spacing{0.3, 0.2}, 320);
  const Letterbox to = letterbox(film, Spacing{0.3, 0.2}, 1000);
  const cv::Vec3d pixel(31, 170, 1);
  const cv::Vec2d mapped = net_to_net(from, to) * pixel;
  const cv::Point2d expected = to.to_net(from.to_film({31, 170}));
  CHECK(mapped[0] == near(expected.x));
  CHECK(mapped[1] == near(expected.y));
}

TEST_CASE("letterbox is inverted by to_film") {
  const Letterbox box = letterbox({1713, 911}, Spacing{0.3, 0.2}, 320);
  const cv::Point2d back = box.to_film(box.to_net({123.25, 700.5}));
  CHECK(back.x == near(123.25));
  CHECK(back.y == near(700.5));
}

TEST_CASE("letterbox corrects anisotropic pixels") {
  const Letterbox box = letterbox({1000, 1000}, Spacing{0.4, 0.2}, 256);
  CHECK(box.content() == cv::Rect(64, 0, 128, 256));
}

TEST_CASE("letterbox accepts extreme shapes and rejects empty ones") {
  const Letterbox box = letterbox({30000, 3}, std::nullopt, 256);
  CHECK(box.content().height == 1);
  CHECK(box.content().width == 256);
  const Letterbox pixel = letterbox({1, 1}, std::nullopt, 256);
  CHECK(pixel.content() == cv::Rect(0, 0, 256, 256));
  CHECK_THROWS_AS(letterbox({0, 10}, std::nullopt, 256), Error);
}

TEST_CASE("to_net_square places the film as the letterbox maps it") {
  cv::Mat pixels(900, 600, CV_8UC1, cv::Scalar(40));
  cv::rectangle(pixels, {0, 0, 300, 900}, cv::Scalar(10), cv::FILLED);
  cv::circle(pixels, {420, 660}, 30, cv::Scalar(200), cv::FILLED);
  const Image film(pixels);
  const Letterbox box = letterbox(film.size(), std::nullopt, 256);
  const cv::Mat square = to_net_square(film, box);
  REQUIRE(square.type() == CV_32FC1);
  REQUIRE(square.size() == cv::Size(256, 256));
  CHECK(in_unit_range(square));
  cv::Mat disc = square > 0.6;
  const cv::Moments m = cv::moments(disc, true);
  const cv::Point2d expected = box.to_net({420, 660});
  CHECK(m.m10 / m.m00 == near(expected.x, 0.15));
  CHECK(m.m01 / m.m00 == near(expected.y, 0.15));
  const cv::Rect content = box.content();
  CHECK(cv::countNonZero(square(cv::Rect(0, 0, content.x, 256))) == 0);
}

TEST_CASE("to_net_square gives the same for 8 and 16 bits and for any gain") {
  const cv::Mat bytes = noise({400, 500}, CV_8UC1, 0, 255);
  cv::Mat words;
  bytes.convertTo(words, CV_16U, 101.0, 300.0);
  const Letterbox box = letterbox(bytes.size(), std::nullopt, 128);
  const cv::Mat a = to_net_square(Image(bytes), box);
  const cv::Mat b = to_net_square(Image(words), box);
  CHECK(cv::norm(a, b, cv::NORM_INF) < 0.03);
}

TEST_CASE("to_net_square of a flat film is 0 and of a tiny film is enlarged") {
  const cv::Mat flat(300, 300, CV_8UC1, cv::Scalar(255));
  CHECK(cv::countNonZero(to_net_square(Image(flat), letterbox({300, 300}, std::nullopt, 64))) == 0);
  const cv::Mat small = noise({20, 30}, CV_8UC1, 0, 255);
  const cv::Mat square = to_net_square(Image(small), letterbox({20, 30}, std::nullopt, 64));
  CHECK(in_unit_range(square));
  CHECK(cv::countNonZero(square) > 100);
}

TEST_CASE("to_net_square rejects another film's letterbox") {
  const Image film(cv::Mat(10, 10, CV_8UC1, cv::Scalar(3)));
  CHECK_THROWS_AS(to_net_square(film, letterbox({11, 10}, std::nullopt, 64)), Error);
}

TEST_CASE("make_views gives each view in order and in range, and does not change its input") {
  cv::Mat square = noise({256, 256}, CV_32FC1, 0, 1);
  cv::GaussianBlur(square, square, {}, 6);
  const cv::Mat before = square.clone();
  const std::vector<std::string> names{"original",       "clahe",   "clahe2",    "sharpen_clahe",
                                       "sharpen_clahe2", "stretch", "equal_hist"};
  const auto views = make_views(square, names);
  REQUIRE(views.size() == names.size());
  CHECK(cv::norm(square, before, cv::NORM_INF) == 0);
  for (std::size_t i = 0; i < views.size(); ++i) {
    INFO(names[i]);
    CHECK(views[i].type() == CV_32FC1);
    CHECK(views[i].size() == square.size());
    CHECK(in_unit_range(views[i]));
    if (i > 0) CHECK(cv::norm(views[i], views[i - 1], cv::NORM_L1) > 10);
  }
  CHECK(cv::norm(views[0], square, cv::NORM_INF) == 0);
  const auto alone = make_views(square, {"sharpen_clahe2"});
  CHECK(cv::norm(alone[0], views[4], cv::NORM_INF) == 0);
}

TEST_CASE("the stretched view uses the whole range and ignores padding") {
  cv::Mat square = cv::Mat::zeros(256, 256, CV_32FC1);
  noise({100, 256}, CV_32FC1, 0.4, 0.6).copyTo(square(cv::Rect(78, 0, 100, 256)));
  const cv::Mat view = make_views(square, {"stretch"})[0];
  double low = 0, high = 0;
  cv::minMaxLoc(view(cv::Rect(78, 0, 100, 256)), &low, &high);
  CHECK(low == 0);
  CHECK(high == 1);
}

TEST_CASE("an unknown view is an error that lists the known ones") {
  try {
    make_views(cv::Mat::zeros(8, 8, CV_32FC1), {"original", "gamma"});
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()).find("gamma") != std::string::npos);
    CHECK(std::string(error.what()).find("equal_hist") != std::string::npos);
  }
}

TEST_CASE("a shrunk letterbox holds the whole film, smaller and centred") {
  const Letterbox box = letterbox({1000, 2000}, std::nullopt, 256);
  const Letterbox small = shrunk(box, 0.5, 0.75);
  CHECK(small.content() == cv::Rect(96, 32, 64, 192));
  CHECK(small.film == box.film);
  CHECK(small.net == box.net);
  const cv::Point2d middle(499.5, 999.5);
  CHECK(cv::norm(small.to_net(middle) - box.to_net(middle)) < 1e-9);
  CHECK(cv::norm(small.to_film(small.to_net({10, 20})) - cv::Point2d(10, 20)) < 1e-9);
}
