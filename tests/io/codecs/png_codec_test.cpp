#include "spine/io/codecs/png_codec.h"

#include <map>

#include "support/catch.h"
#include "support/pictures.h"
#include "support/throws.h"
#include <opencv2/imgcodecs.hpp>
#include <png.h>

#include "spine/io/codecs/png_writer.h"

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

/// A PNG written by libpng from rows in native byte order.
std::string written_with(int filter, const cv::Mat& pixels) {
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, std::size_t size) {
        auto* to = static_cast<std::string*>(png_get_io_ptr(writer));
        to->append(reinterpret_cast<const char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(pixels.cols),
               static_cast<png_uint_32>(pixels.rows), static_cast<int>(8 * pixels.elemSize1()),
               pixels.channels() == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, filter);
  png_write_info(png, info);
  png_set_swap(png);
  for (int y = 0; y < pixels.rows; ++y) png_write_row(png, pixels.ptr(y));
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace

TEST_CASE("Indices are preserved, and other readers see the colours") {
  const std::string png = encoded();
  const cv::Mat back = decode_indexed_png(png, "x.png");
  REQUIRE(back.size() == indices().size());
  CHECK(cv::countNonZero(back != indices()) == 0);

  const cv::Mat color = cv::imdecode(std::vector<char>(png.begin(), png.end()), cv::IMREAD_COLOR);
  REQUIRE_FALSE(color.empty());
  CHECK(color.at<cv::Vec3b>(2, 3) == cv::Vec3b(0, 0, 255));
  CHECK(color.at<cv::Vec3b>(6, 12) == cv::Vec3b(30, 20, 10));
}

TEST_CASE("A truncated or damaged indexed PNG is unreadable") {
  std::string png = encoded();
  CHECK(contains(message_of(ErrorKind::unreadable,
                            [&] { decode_indexed_png(png.substr(0, png.size() - 20), "cut.png"); }),
                 "cut.png"));
  png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 0x55);
  message_of(ErrorKind::unreadable, [&] { decode_indexed_png(png, "hurt.png"); });
}

TEST_CASE("A colour PNG has no indices") {
  std::vector<uchar> bytes;
  cv::imencode(".png", cv::Mat(4, 4, CV_8UC3, cv::Scalar(1, 2, 3)), bytes);
  const std::string png(bytes.begin(), bytes.end());
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_indexed_png(png, "c.png"); }),
                 "colours"));
}

TEST_CASE("Grey, colour and alpha PNG of 8 and 16 bits are decoded exactly") {
  for (const int type : {CV_8UC1, CV_16UC1, CV_8UC3, CV_16UC3, CV_8UC4, CV_16UC4}) {
    const cv::Mat bgr = test::noise(37, 53, type);
    cv::Mat rgb = bgr.clone();
    if (bgr.channels() == 3) cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
    if (bgr.channels() == 4) cv::cvtColor(bgr, rgb, cv::COLOR_BGRA2RGBA);
    const auto raster = decode_png(test::encoded(".png", bgr), "a.png");
    CHECK(test::same_pixels(raster.pixels, rgb));
    CHECK_FALSE(raster.white_is_zero);
  }
}

TEST_CASE("Rows of every filter are decoded, also of few pixels") {
  const std::map<std::string, int> filters{{"none", PNG_FILTER_NONE},   {"sub", PNG_FILTER_SUB},
                                           {"up", PNG_FILTER_UP},       {"average", PNG_FILTER_AVG},
                                           {"Paeth", PNG_FILTER_PAETH}, {"any", PNG_ALL_FILTERS}};
  for (const auto& [name, filter] : filters) {
    INFO(name);
    for (const int type : {CV_8UC1, CV_16UC1, CV_8UC3, CV_16UC3}) {
      for (const cv::Size size : {cv::Size(53, 37), cv::Size(1, 9), cv::Size(9, 1)}) {
        const cv::Mat pixels = test::noise(size.height, size.width, type);
        CHECK(test::same_pixels(decode_png(written_with(filter, pixels), "f.png").pixels, pixels));
      }
    }
  }
}

TEST_CASE("Palettes are applied and bilevel PNG become black and white") {
  const cv::Mat colors = decode_png(encoded(), "p.png").pixels;
  REQUIRE(colors.type() == CV_8UC3);
  CHECK(colors.at<cv::Vec3b>(2, 3) == cv::Vec3b(255, 0, 0));

  cv::Mat dots = cv::Mat::zeros(9, 9, CV_8UC1);
  dots.at<std::uint8_t>(4, 4) = 255;
  const auto bilevel = test::encoded(".png", dots, {cv::IMWRITE_PNG_BILEVEL, 1});
  CHECK(test::same_pixels(decode_png(bilevel, "b.png").pixels, dots));
}

TEST_CASE("A truncated PNG is unreadable at any length") {
  const auto png = test::encoded(".png", test::toy_film());
  for (const double share : {0.0003, 0.2, 0.7, 0.999}) {
    const auto cut = static_cast<std::size_t>(share * static_cast<double>(png.size()));
    message_of(ErrorKind::unreadable, [&] { decode_png(png.substr(0, cut), "cut.png"); });
  }
  // Without the closing chunk, of 12 bytes.
  message_of(ErrorKind::unreadable, [&] { decode_png(png.substr(0, png.size() - 12), "cut.png"); });
}

TEST_CASE("A PNG with a changed byte is unreadable") {
  auto png = test::encoded(".png", test::toy_film());
  png[png.size() / 2] = static_cast<char>(png[png.size() / 2] ^ 1);
  message_of(ErrorKind::unreadable, [&] { decode_png(png, "hurt.png"); });
}

TEST_CASE("Animations and huge PNG are rejected") {
  const auto png = test::encoded(".png", test::toy_film());
  // After the signature and IHDR: acTL with two frames.
  const std::string control(
      "\0\0\0\x08"
      "acTL"
      "\0\0\0\x02\0\0\0\0"
      "\xf3\x8d\x93\x70",
      20);
  const std::string animated = png.substr(0, 33) + control + png.substr(33);
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_png(animated, "a.png"); }),
                 "animation"));
  RasterLimits limits;
  limits.max_side = 500;
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_png(png, "a.png", limits); }),
                 "got 400x600"));
}
