// Orientation and pixel shape from tags of PNG, JPEG and TIFF, as applied by read_film().
#include <array>

#include "support/catch.h"
#include "support/pictures.h"
#include "support/tagged.h"
#include "support/temp_dir.h"

#include "spine/core/orientation.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

namespace fs = std::filesystem;
using namespace spine;
using namespace spine::test;

namespace {

constexpr std::array<Orientation, 8> kOrientations{
    Orientation::top_left,     Orientation::top_right,  Orientation::bottom_right,
    Orientation::bottom_left,  Orientation::left_top,   Orientation::right_top,
    Orientation::right_bottom, Orientation::left_bottom};

std::uint32_t value_of(Orientation o) { return static_cast<std::uint32_t>(o); }

Image film_of(const std::string& bytes, std::optional<Spacing> spacing = {}) {
  const TempDir dir;
  write_file_atomically(dir / "film", bytes);
  ReadOptions options;
  options.detect_polarity = false;
  options.spacing = spacing;
  return read_film(dir / "film", options);
}

bool has_note(const Image& film, const std::string& part) {
  const auto& notes = film.info().notes;
  return std::any_of(notes.begin(), notes.end(),
                     [&](const auto& n) { return n.find(part) != std::string::npos; });
}

cv::Mat three_times(const cv::Mat& grey) {
  cv::Mat colour;
  cv::merge(std::vector<cv::Mat>{grey, grey, grey}, colour);
  return colour;
}

std::string tiff_turned(const cv::Mat& stored, std::uint32_t orientation) {
  return tiff_of({{stored, [&](TIFF* tiff) {
                     TIFFSetField(tiff, TIFFTAG_ORIENTATION, static_cast<int>(orientation));
                   }}});
}

/// EXIF as ImageMagick stores it in a PNG.
std::string profile_text(const std::string& block) {
  std::string hex;
  for (const char c : std::string("Exif\0\0", 6) + block) {
    constexpr const char* kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
    if (hex.size() % 73 == 72) hex += '\n';
  }
  return "\nexif\n      " + std::to_string(block.size() + 6) + "\n" + hex + "\n";
}

void check_upright(const Image& film, const cv::Mat& wanted, Orientation o, double most = 0) {
  INFO("orientation " << value_of(o));
  REQUIRE(film.size() == wanted.size());
  REQUIRE(film.pixels().type() == wanted.type());
  CHECK(cv::norm(film.pixels(), wanted, cv::NORM_INF) <= most);
  CHECK(film.info().orientation == o);
  CHECK(has_note(film, "rotated upright") == (o != Orientation::top_left));
}

}  // namespace

TEST_CASE("Random images are upright in PNG and TIFF of every orientation, depth and colour") {
  cv::RNG rng(24);
  for (const Orientation o : kOrientations) {
    for (const int depth : {CV_8U, CV_16U}) {
      const cv::Size size(rng.uniform(64, 120), rng.uniform(64, 120));
      const cv::Mat film = noise(size.height, size.width, depth, rng.next());
      for (const bool colour : {false, true}) {
        const cv::Mat stored = as_stored(colour ? three_times(film) : film, o);
        const std::string png = encoded(".png", stored);
        const std::string block =
            exif_block({value_of(o), rng.uniform(0, 2) == 0, rng.uniform(0, 2) == 0, 0, 0});
        check_upright(film_of(with_chunk(png, "eXIf", block)), film, o);
        check_upright(film_of(with_chunk(png, "eXIf", block, true)), film, o);
        check_upright(film_of(tiff_turned(stored, value_of(o))), film, o);
      }
    }
  }
}

TEST_CASE("Smooth images are upright in JPEG of every orientation") {
  cv::RNG rng(25);
  for (const Orientation o : kOrientations) {
    cv::Mat film = noise(rng.uniform(64, 120), rng.uniform(64, 120), CV_8UC1, rng.next());
    cv::GaussianBlur(film, film, {}, 6);
    cv::normalize(film, film, 0, 255, cv::NORM_MINMAX);
    for (const bool colour : {false, true}) {
      const std::string jpeg = encoded(".jpg", as_stored(colour ? three_times(film) : film, o),
                                       {cv::IMWRITE_JPEG_QUALITY, 100});
      const ExifRecipe recipe{value_of(o), rng.uniform(0, 2) == 0, rng.uniform(0, 2) == 0, 0, 0};
      check_upright(film_of(with_exif(jpeg, recipe)), film, o, 4);
      // Another use of APP1 before it.
      check_upright(film_of(with_segment(
                        with_exif(jpeg, recipe), 0xE1,
                        std::string("http://ns.adobe.com/xap/1.0/\0<tiff:Orientation>", 48))),
                    film, o, 4);
    }
  }
}

TEST_CASE("EXIF written as text by ImageMagick rotates a PNG") {
  const cv::Mat film = noise(70, 90, CV_16UC1);
  for (const Orientation o : {Orientation::bottom_right, Orientation::right_top}) {
    const std::string png = encoded(".png", as_stored(film, o));
    const std::string text = profile_text(exif_block({value_of(o), true, false, 0, 0}));
    for (const bool at_end : {false, true}) {
      for (const char* key : {"Raw profile type exif", "Raw profile type APP1"}) {
        check_upright(film_of(with_chunk(png, "tEXt", key + std::string(1, '\0') + text, at_end)),
                      film, o);
        check_upright(film_of(with_chunk(png, "iTXt", key + std::string(5, '\0') + text, at_end)),
                      film, o);
      }
    }
    check_upright(film_of(with_chunk(png, "tEXt", "Comment" + std::string(1, '\0') + text)),
                  as_stored(film, o), Orientation::top_left);
  }
}

TEST_CASE("Invalid orientation values change nothing") {
  const cv::Mat film = noise(70, 90, CV_8UC1);
  for (const std::uint32_t value : {0U, 9U, 65535U}) {
    const Image png =
        film_of(with_chunk(encoded(".png", film), "eXIf", exif_block({value, true, false, 0, 0})));
    check_upright(png, film, Orientation::top_left);
    CHECK(png.info().notes.empty());
    // libtiff does not write them: replace orientation 5 in the file.
    std::string tiff = tiff_turned(film, 5);
    const std::string entry = number(274, 2, true) + number(3, 2, true) + number(1, 4, true);
    const std::size_t at = tiff.find(entry);
    REQUIRE(at != std::string::npos);
    tiff.replace(at + 8, 2, number(value, 2, true));
    check_upright(film_of(tiff), film, Orientation::top_left);
  }
  const std::string broken = with_chunk(encoded(".png", film), "eXIf", "MM");
  check_upright(film_of(broken), film, Orientation::top_left);
}

namespace {

std::string phys(std::uint32_t x, std::uint32_t y, int unit) {
  return number(x, 4, false) + number(y, 4, false) + static_cast<char>(unit);
}

std::string with_density(std::string jpeg, int unit, std::uint32_t x, std::uint32_t y) {
  REQUIRE(jpeg.compare(6, 5, std::string("JFIF\0", 5)) == 0);
  jpeg[13] = static_cast<char>(unit);
  return jpeg.replace(14, 4, number(x, 2, false) + number(y, 2, false));
}

std::string tiff_with_resolution(const cv::Mat& film, double x, double y, int unit) {
  return tiff_of({{film, [&](TIFF* tiff) {
                     TIFFSetField(tiff, TIFFTAG_XRESOLUTION, x);
                     TIFFSetField(tiff, TIFFTAG_YRESOLUTION, y);
                     TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, unit);
                   }}});
}

void check_aspect(const Image& film, double height_over_width) {
  REQUIRE(film.info().spacing);
  CHECK(film.info().spacing->relative);
  CHECK(film.info().spacing->row_mm / film.info().spacing->col_mm == Approx(height_over_width));
  CHECK(film.info().spacing_source == SpacingSource::aspect_ratio);
  CHECK(has_note(film, "times as high as wide"));
}

}  // namespace

TEST_CASE("Different resolutions along x and y give the pixel shape") {
  const cv::Mat film = toy_film({90, 120});
  const std::string png = encoded(".png", film), jpeg = encoded(".jpg", film);
  for (const int unit : {0, 1}) {
    check_aspect(film_of(with_chunk(png, "pHYs", phys(6000, 5000, unit))), 1.2);
    check_aspect(film_of(with_chunk(png, "pHYs", phys(1, 2, unit))), 0.5);
  }
  for (const int unit : {0, 1, 2}) {
    check_aspect(film_of(with_density(jpeg, unit, 2, 1)), 2);
    check_aspect(film_of(with_density(jpeg, unit, 100, 150)), 2 / 3.0);
  }
  for (const int unit : {RESUNIT_NONE, RESUNIT_INCH, RESUNIT_CENTIMETER}) {
    check_aspect(film_of(tiff_with_resolution(film, 300, 150, unit)), 2);
  }
  // EXIF if JFIF gives no or a square density, and if there is no JFIF.
  const ExifRecipe exif{1, false, false, 150, 300};
  check_aspect(film_of(with_exif(jpeg, exif)), 0.5);
  check_aspect(film_of(with_exif(with_density(jpeg, 1, 3, 2), exif)), 1.5);
  check_aspect(film_of(with_chunk(png, "eXIf", exif_block(exif))), 0.5);
}

TEST_CASE("The pixel shape is rotated with the image") {
  const cv::Mat film = toy_film({90, 120});
  for (const Orientation o : kOrientations) {
    const double wanted = exchanges_sides(o) ? 1 / 1.2 : 1.2;
    const cv::Mat stored = as_stored(film, o);
    const std::string block = exif_block({value_of(o), true, false, 0, 0});
    check_aspect(film_of(with_chunk(with_chunk(encoded(".png", stored), "eXIf", block), "pHYs",
                                    phys(6, 5, 0))),
                 wanted);
    check_aspect(film_of(with_exif(with_density(encoded(".jpg", stored), 0, 6, 5),
                                   {value_of(o), true, false, 0, 0})),
                 wanted);
  }
}

TEST_CASE("Square, absurd and overridden resolutions give no pixel shape") {
  const cv::Mat film = toy_film({90, 120});
  const std::string png = encoded(".png", film), jpeg = encoded(".jpg", film);
  for (const std::string& square :
       {with_chunk(png, "pHYs", phys(11811, 11811, 1)),
        with_chunk(png, "pHYs", phys(1005, 1000, 1)), with_density(jpeg, 1, 300, 300),
        tiff_with_resolution(film, 300, 300, RESUNIT_INCH)}) {
    const Image image = film_of(square);
    CHECK_FALSE(image.info().spacing);
    CHECK(image.info().spacing_source == SpacingSource::none);
    CHECK(image.info().notes.empty());
  }
  for (const std::string& absurd :
       {with_chunk(png, "pHYs", phys(6, 1, 1)), with_chunk(png, "pHYs", phys(0, 1000, 1)),
        with_density(jpeg, 1, 1, 300), with_density(jpeg, 0, 3, 0),
        tiff_with_resolution(film, 0, 300, RESUNIT_INCH)}) {
    const Image image = film_of(absurd);
    CHECK_FALSE(image.info().spacing);
    CHECK(has_note(image, "implausible for a film"));
  }
  const Image given = film_of(with_chunk(png, "pHYs", phys(6000, 5000, 1)), Spacing{0.2, 0.2});
  CHECK(given.info().spacing == Spacing{0.2, 0.2});
  CHECK(given.info().spacing_source == SpacingSource::override_value);
  CHECK(has_note(given, "the spacing that was given is used"));
}
