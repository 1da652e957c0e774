#include "spine/io/codecs/jpeg_codec.h"

#include "support/catch.h"
#include "support/pictures.h"
#include "support/tagged.h"
#include "support/throws.h"

using namespace spine;
using spine::test::contains;
using spine::test::encoded;
using spine::test::message_of;

namespace {

std::string example(const std::vector<int>& parameters = {cv::IMWRITE_JPEG_QUALITY, 95}) {
  return encoded(".jpg", test::toy_film(), parameters);
}

/// Offset of the height and width in the frame header.
std::size_t frame_size_at(const std::string& jpeg) {
  for (std::size_t i = 2; i + 9 < jpeg.size();) {
    const auto marker = static_cast<unsigned char>(jpeg[i + 1]);
    if (marker == 0xC0 || marker == 0xC2) return i + 5;
    i += 2 + (static_cast<std::size_t>(static_cast<unsigned char>(jpeg[i + 2])) << 8U) +
         static_cast<unsigned char>(jpeg[i + 3]);
  }
  return 0;
}

}  // namespace

TEST_CASE("Grey and colour JPEG, baseline and progressive, are decoded") {
  const cv::Mat film = test::toy_film();
  for (const int progressive : {0, 1}) {
    const auto jpeg =
        example({cv::IMWRITE_JPEG_QUALITY, 95, cv::IMWRITE_JPEG_PROGRESSIVE, progressive});
    CHECK(is_jpeg(jpeg));
    const cv::Mat back = decode_jpeg(jpeg, "a.jpg").pixels;
    REQUIRE(back.type() == CV_8UC1);
    REQUIRE(back.size() == film.size());
    CHECK(cv::norm(back, film, cv::NORM_L1) / static_cast<double>(film.total()) < 2);
  }
  const cv::Mat red(80, 90, CV_8UC3, cv::Scalar(10, 20, 230));
  const cv::Mat back = decode_jpeg(encoded(".jpg", red), "a.jpg").pixels;
  REQUIRE(back.type() == CV_8UC3);
  CHECK(back.at<cv::Vec3b>(40, 40)[0] > 200);  // RGB
  CHECK(back.at<cv::Vec3b>(40, 40)[2] < 40);
}

TEST_CASE("A truncated JPEG is unreadable at any length") {
  const auto jpeg = example();
  for (const double share : {0.05, 0.3, 0.6, 0.95}) {
    const auto cut = static_cast<std::size_t>(share * static_cast<double>(jpeg.size()));
    CHECK(contains(
        message_of(ErrorKind::unreadable, [&] { decode_jpeg(jpeg.substr(0, cut), "cut.jpg"); }),
        "cut.jpg"));
  }
}

TEST_CASE("A JPEG with very many scans is unreadable") {
  auto jpeg = example({cv::IMWRITE_JPEG_QUALITY, 95, cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  // The last scan, a refinement of some coefficients, repeated: a few bytes each.
  const auto last = jpeg.rfind("\xff\xda");
  const std::string scan =
      "\xff\xda" + std::string("\x00\x08\x01\x01\x00\x3f\x3f\x00", 8) + std::string("\x00", 1);
  std::string many = jpeg.substr(0, last);
  for (int i = 0; i < 5000; ++i) many += scan;
  many += "\xff\xd9";
  CHECK(contains(message_of(ErrorKind::unreadable, [&] { decode_jpeg(many, "many.jpg"); }),
                 "many.jpg"));
}

TEST_CASE("A JPEG with garbage inside is unreadable") {
  auto jpeg = example();
  for (std::size_t i = jpeg.size() / 2; i < jpeg.size() / 2 + 300; ++i) jpeg[i] = '\xd9';
  message_of(ErrorKind::unreadable, [&] { decode_jpeg(jpeg, "hurt.jpg"); });
}

TEST_CASE("Bytes after the image are ignored") {
  CHECK_FALSE(decode_jpeg(example() + std::string(50, '\0'), "a.jpg").pixels.empty());
}

namespace {

/// Adobe's marker, with its transform.
std::string with_adobe(const std::string& jpeg, char transform) {
  return test::with_segment(jpeg, 0xEE, std::string("Adobe\0\x64\0\0\0\0", 11) + transform, false);
}

/// Offset of the first entropy-coded byte: after the header of the first scan.
std::size_t scan_at(const std::string& jpeg) {
  const std::size_t at = jpeg.find("\xFF\xDA");
  return at + 2 + static_cast<unsigned char>(jpeg[at + 3]);
}

}  // namespace

TEST_CASE("Warnings of libjpeg that affect no pixel are tolerated") {
  const cv::Mat colour(80, 90, CV_8UC3, cv::Scalar(10, 20, 230));
  const std::string sound = encoded(".jpg", colour, {cv::IMWRITE_JPEG_QUALITY, 95});
  const cv::Mat wanted = decode_jpeg(sound, "a.jpg").pixels;
  const auto same = [&](const std::string& jpeg) {
    return test::same_pixels(decode_jpeg(jpeg, "a.jpg").pixels, wanted);
  };
  for (const char transform : {'\x07', '\x03', '\xff', '\x01'}) {
    CHECK(same(with_adobe(sound, transform)));
    // Without JFIF, which implies YCbCr and takes precedence over Adobe's marker.
    const std::size_t length = 2 + static_cast<unsigned char>(sound[5]);
    const std::string bare = sound.substr(0, 2) + sound.substr(2 + length);
    CHECK(same(with_adobe(bare, transform)));
  }
  std::string newer = sound;
  newer[11] = 3;  // JFIF 3.x
  CHECK(same(newer));
  std::string odd_scan = sound;
  odd_scan[scan_at(sound) - 2] = 0;  // the last coefficient of a sequential scan is 63
  CHECK(same(odd_scan));
  CHECK(same(sound.substr(0, sound.size() - 2)));  // no end marker
}

TEST_CASE("A missing scan or byte is damage, with or without an end marker") {
  const auto progressive = example({cv::IMWRITE_JPEG_PROGRESSIVE, 1});
  message_of(ErrorKind::unreadable,
             [&] { decode_jpeg(progressive.substr(0, progressive.size() - 2), "cut.jpg"); });
  const auto jpeg = example();
  for (const std::size_t missing : {8, 20, 100}) {
    const std::string cut = jpeg.substr(0, jpeg.size() - 2 - missing);
    message_of(ErrorKind::unreadable, [&] { decode_jpeg(cut, "cut.jpg"); });
    message_of(ErrorKind::unreadable, [&] { decode_jpeg(cut + "\xFF\xD9", "cut.jpg"); });
  }
}

TEST_CASE("A huge JPEG is rejected by its header") {
  auto jpeg = example();
  const auto at = frame_size_at(jpeg);
  REQUIRE(at > 0);
  jpeg.replace(at, 4, "\x75\x30\x75\x30");  // 30,000
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_jpeg(jpeg, "huge.jpg"); }),
                 "got 30000x30000"));
}
