#include "spine/io/image_io.h"

#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"
#include "support/throws.h"

#include "spine/io/codecs/tiff_codec.h"
#include "spine/io/codecs/tiff_writer.h"
#include "spine/util/atomic_file.h"

namespace fs = std::filesystem;
using namespace spine;
using spine::test::contains;
using spine::test::encoded;
using spine::test::message_of;

namespace {

fs::path put(const test::TempDir& dir, const std::string& name, const std::string& bytes) {
  write_file_atomically(dir / name, bytes);
  return dir / name;
}

bool has_note(const Image& film, const std::string& part) {
  const auto& notes = film.info().notes;
  return std::any_of(notes.begin(), notes.end(), [&](const auto& n) { return contains(n, part); });
}

}  // namespace

TEST_CASE("PNG and TIFF of 8 and 16 bits are read exactly, JPEG nearly") {
  const test::TempDir dir;
  const cv::Mat film = test::toy_film();
  cv::Mat deep;
  film.convertTo(deep, CV_16U, 257);
  for (const std::string extension : {".png", ".tif"}) {
    for (const cv::Mat& pixels : {film, deep}) {
      const Image image = read_film(put(dir, "a" + extension, encoded(extension, pixels)));
      CHECK(test::same_pixels(image.pixels(), pixels));
      CHECK_FALSE(image.info().spacing);
      CHECK(image.info().spacing_source == SpacingSource::none);
      CHECK_FALSE(image.info().inverted);
      CHECK(image.info().notes.empty());
    }
  }
  const Image jpeg = read_film(put(dir, "a.jpg", encoded(".jpg", film)));
  CHECK(cv::norm(jpeg.pixels(), film, cv::NORM_L1) / static_cast<double>(film.total()) < 3);
}

TEST_CASE("The format is determined by content, not by name") {
  const test::TempDir dir;
  const auto png = encoded(".png", test::toy_film());
  CHECK(test::same_pixels(read_film(put(dir, "a.jpg", png)).pixels(), test::toy_film()));
  CHECK(test::same_pixels(read_film(put(dir, "no_extension", png)).pixels(), test::toy_film()));
  CHECK(looks_like_film(dir / "a.jpg"));
  CHECK(looks_like_film(dir / "no_extension"));
  put(dir, "words.png", "these are words");
  CHECK_FALSE(looks_like_film(dir / "words.png"));
  CHECK_FALSE(looks_like_film(dir.path()));
  CHECK_FALSE(looks_like_film(dir / "nothing.png"));
}

TEST_CASE("A spacing comes from the caller only") {
  const test::TempDir dir;
  ReadOptions options;
  options.spacing = Spacing{0.2, 0.15};
  const Image film = read_film(put(dir, "a.png", encoded(".png", test::toy_film())), options);
  CHECK(film.info().spacing == Spacing{0.2, 0.15});
  CHECK(film.info().spacing_source == SpacingSource::override_value);
}

TEST_CASE("Colour becomes luma, equal channels remain exactly grey") {
  const test::TempDir dir;
  const cv::Mat film = test::toy_film();
  cv::Mat same;
  cv::merge(std::vector<cv::Mat>{film, film, film}, same);
  const Image grey = read_film(put(dir, "same.png", encoded(".png", same)));
  CHECK(test::same_pixels(grey.pixels(), film));
  CHECK_FALSE(has_note(grey, "colour"));

  cv::Mat tinted;
  cv::merge(std::vector<cv::Mat>{film, film, film * 0.5}, tinted);  // BGR: less red
  const Image luma = read_film(put(dir, "tinted.png", encoded(".png", tinted)));
  CHECK(has_note(luma, "colour was converted"));
  cv::Mat expected;
  cv::cvtColor(tinted, expected, cv::COLOR_BGR2GRAY);
  CHECK(test::same_pixels(luma.pixels(), expected));
}

TEST_CASE("Transparent parts become black, opaque alpha changes nothing") {
  const test::TempDir dir;
  const cv::Mat film = test::toy_film();
  cv::Mat alpha(film.size(), CV_8UC1, cv::Scalar(255));
  cv::Mat rgba;
  cv::merge(std::vector<cv::Mat>{film, film, film, alpha}, rgba);
  CHECK(test::same_pixels(read_film(put(dir, "a.png", encoded(".png", rgba))).pixels(), film));
  alpha.rowRange(0, 100).setTo(0);
  cv::merge(std::vector<cv::Mat>{film, film, film, alpha}, rgba);
  const Image cut = read_film(put(dir, "b.png", encoded(".png", rgba)));
  CHECK(has_note(cut, "transparency was"));
  CHECK(cv::countNonZero(cut.pixels().rowRange(0, 100)) == 0);
  CHECK(
      test::same_pixels(cut.pixels().rowRange(100, 600).clone(), film.rowRange(100, 600).clone()));
}

TEST_CASE("A film with dark bone is inverted and noted") {
  const test::TempDir dir;
  const cv::Mat film = test::toy_film();
  const auto file = put(dir, "inverse.png", encoded(".png", ~film));
  const Image turned = read_film(file);
  CHECK(test::same_pixels(turned.pixels(), film));
  CHECK(turned.info().inverted);
  CHECK(has_note(turned, "inverted"));
  ReadOptions as_it_is;
  as_it_is.detect_polarity = false;
  CHECK(test::same_pixels(read_film(file, as_it_is).pixels(), ~film));
}

TEST_CASE("Invalid files are rejected with a one-line message") {
  const test::TempDir dir;
  const auto error = [&](ErrorKind kind, const std::string& name, const std::string& bytes) {
    const auto file = put(dir, name, bytes);
    const auto message = message_of(kind, [&] { read_film(file); });
    CHECK(contains(message, name));
    return message;
  };
  const auto png = encoded(".png", test::toy_film());
  CHECK(contains(error(ErrorKind::unreadable, "zero.png", ""), "an empty file"));
  error(ErrorKind::unreadable, "cut.png", png.substr(0, png.size() / 2));
  const auto jpeg = encoded(".jpg", test::toy_film());
  error(ErrorKind::unreadable, "cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  const auto tiff = encoded(".tif", test::toy_film());
  error(ErrorKind::unreadable, "cut.tif", tiff.substr(0, tiff.size() / 2));
  CHECK(contains(error(ErrorKind::unsupported, "words.png", "just some words"),
                 "expected PNG, JPEG, TIFF or DICOM, got something else"));
  CHECK(contains(error(ErrorKind::unsupported, "a.gif", "GIF89a......"), "got a GIF"));
  CHECK(contains(error(ErrorKind::unsupported, "a.bmp", encoded(".bmp", test::toy_film())),
                 "got a BMP"));
  CHECK(contains(error(ErrorKind::unsupported, "one.png",
                       encoded(".png", cv::Mat(1, 1, CV_8UC1, cv::Scalar(9)))),
                 "at least 64 pixels a side, got 1x1"));
  CHECK(contains(error(ErrorKind::unsupported, "black.png",
                       encoded(".png", cv::Mat::zeros(200, 200, CV_8UC1))),
                 "no contrast: every pixel is 0"));
  CHECK(contains(error(ErrorKind::unsupported, "white.png",
                       encoded(".png", cv::Mat(200, 200, CV_8UC1, cv::Scalar(255)))),
                 "every pixel is 255"));
  CHECK(contains(error(ErrorKind::unsupported, "wide.png",
                       encoded(".png", cv::Mat::zeros(65, 30000, CV_8UC1))),
                 "got 30000x65"));
  const cv::Mat page = test::noise(100, 100, CV_8UC1);
  const auto pages = encode_tiff(std::vector<TiffPage>{{"a", page}, {"b", page}});
  CHECK(contains(error(ErrorKind::unsupported, "pages.tif",
                       {reinterpret_cast<const char*>(pages.data()), pages.size()}),
                 "got 2"));
  CHECK(
      contains(message_of(ErrorKind::not_found, [&] { read_film(dir / "none.png"); }), "none.png"));
  message_of(ErrorKind::unreadable, [&] { read_film(dir.path()); });
}

TEST_CASE("Images are written by extension and read back") {
  const test::TempDir dir;
  const cv::Mat grey = test::toy_film();
  cv::Mat deep;
  grey.convertTo(deep, CV_16U, 200);
  const cv::Mat colour = test::noise(80, 90, CV_8UC3);
  for (const cv::Mat& pixels : {grey, deep, colour}) {
    for (const std::string name : {"a.png", "a.TIF"}) {
      write_image(dir / name, pixels);
      CHECK(test::same_pixels(cv::imread((dir / name).string(), cv::IMREAD_UNCHANGED), pixels));
    }
  }
  write_image(dir / "a.jpg", grey);
  CHECK(looks_like_film(dir / "a.jpg"));
}

TEST_CASE("Images that cannot be written give a reason") {
  const test::TempDir dir;
  CHECK(contains(
      message_of(ErrorKind::output, [&] { write_image(dir / "none" / "a.png", test::toy_film()); }),
      "none/a.png"));
  CHECK(contains(
      message_of(ErrorKind::internal, [&] { write_image(dir / "a.xyz", test::toy_film()); }),
      ".xyz"));
}
