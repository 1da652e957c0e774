#include "spine/io/codecs/png_writer.h"

#include "support/catch.h"

#include "spine/core/error.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/codecs/raster.h"

using namespace spine;

namespace {

cv::Mat noise(cv::Size size, int type) {
  cv::Mat pixels(size, type);
  cv::RNG rng(5);
  rng.fill(pixels, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_8U ? 256 : 65536);
  return pixels;
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("PNG is read back as written") {
  for (const int type : {CV_8UC1, CV_16UC1}) {
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(37, 23), cv::Size(300, 2)}) {
      const cv::Mat pixels = noise(size, type);
      const cv::Mat back = decode_png(text_of(encode_png(pixels)), "x.png").pixels;
      REQUIRE(back.type() == type);
      REQUIRE(back.size() == size);
      CHECK(cv::norm(back, pixels, cv::NORM_INF) == 0);
    }
  }
}

TEST_CASE("Colours are written in the file's order") {
  cv::Mat pixels(2, 3, CV_8UC3, cv::Scalar(1, 2, 3));  // blue, green, red
  const std::string bytes = text_of(encode_png(pixels));
  CHECK(static_cast<unsigned char>(bytes.at(25)) == 2);  // RGB
  const cv::Mat grey = decode_png(bytes, "x.png").pixels;
  CHECK(grey.size() == pixels.size());
  const cv::Mat wide = noise({5, 4}, CV_16UC3);
  CHECK(decode_png(text_of(encode_png(wide)), "x.png").pixels.size() == wide.size());
}

TEST_CASE("Sub-images are written like whole images") {
  const cv::Mat pixels = noise({40, 30}, CV_16UC1);
  const cv::Mat part = pixels(cv::Rect(3, 4, 20, 10));
  const cv::Mat back = decode_png(text_of(encode_png(part)), "x.png").pixels;
  CHECK(cv::norm(back, part, cv::NORM_INF) == 0);
}

TEST_CASE("Unsupported pixel types are rejected") {
  for (const cv::Mat& pixels :
       {cv::Mat(), cv::Mat(2, 2, CV_32FC1, cv::Scalar(0)), cv::Mat(2, 2, CV_8UC2, cv::Scalar(0))}) {
    CHECK_THROWS_AS(encode_png(pixels), Error);
  }
  CHECK_THROWS_AS(encode_indexed_png(cv::Mat(2, 2, CV_16UC1, cv::Scalar(0)), {}), Error);
}
