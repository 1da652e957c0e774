#include "spine/io/png_codec.h"

#include "io/throws.h"
#include "support/catch.h"
#include <opencv2/imgcodecs.hpp>

using namespace spine;
using spine::test::contains;
using spine::test::message_of;

namespace {

const std::vector<Rgb> kPalette{{0, 0, 0}, {255, 0, 0}, {10, 20, 30}};

cv::Mat indices() {
  cv::Mat m = cv::Mat::zeros(7, 13, CV_8UC1);
  m.at<std::uint8_t>(2, 3) = 1;
  m.at<std::uint8_t>(6, 12) = 2;
  return m;
}

std::string encoded() {
  const auto bytes = encode_indexed_png(indices(), kPalette);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("indices survive, and other readers see the colours") {
  const std::string png = encoded();
  const cv::Mat back = decode_indexed_png(png, "x.png");
  REQUIRE(back.size() == indices().size());
  CHECK(cv::countNonZero(back != indices()) == 0);

  const cv::Mat color = cv::imdecode(std::vector<char>(png.begin(), png.end()), cv::IMREAD_COLOR);
  REQUIRE_FALSE(color.empty());
  CHECK(color.at<cv::Vec3b>(2, 3) == cv::Vec3b(0, 0, 255));
  CHECK(color.at<cv::Vec3b>(6, 12) == cv::Vec3b(30, 20, 10));
}

TEST_CASE("a cut or damaged indexed PNG is unreadable") {
  std::string png = encoded();
  CHECK(contains(message_of(ErrorKind::unreadable,
                            [&] { decode_indexed_png(png.substr(0, png.size() - 20), "cut.png"); }),
                 "cut.png"));
  png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 0x55);
  message_of(ErrorKind::unreadable, [&] { decode_indexed_png(png, "hurt.png"); });
}

TEST_CASE("a colour PNG has no indices") {
  std::vector<uchar> bytes;
  cv::imencode(".png", cv::Mat(4, 4, CV_8UC3, cv::Scalar(1, 2, 3)), bytes);
  const std::string png(bytes.begin(), bytes.end());
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_indexed_png(png, "c.png"); }),
                 "colours"));
}
