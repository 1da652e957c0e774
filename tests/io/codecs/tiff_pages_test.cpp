// Selection of the pages and samples of a TIFF.
#include <chrono>
#include <functional>

#include "support/catch.h"
#include "support/pictures.h"
#include "support/tagged.h"
#include "support/throws.h"

#include "spine/io/codecs/tiff_codec.h"

using namespace spine;
using namespace spine::test;

namespace {

cv::Mat joined(const std::vector<cv::Mat>& channels) {
  cv::Mat all;
  cv::merge(channels, all);
  return all;
}

/// @param kinds  of ExtraSamples; empty: the tag is absent
std::string with_extra(const std::vector<cv::Mat>& channels, std::vector<std::uint16_t> kinds,
                       bool colour = false) {
  return tiff_of({{joined(channels), [&](TIFF* tiff) {
                     TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
                                  colour ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
                     if (kinds.empty()) return;
                     TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(kinds.size()),
                                  kinds.data());
                   }}});
}

Raster only(const std::string& tiff) {
  auto pages = decode_tiff(tiff, "a.tif", 1);
  REQUIRE(pages.size() == 1);
  return pages.front();
}

TiffRecipe page(const cv::Mat& pixels, int tag = 0, int value = 0) {
  return {pixels, [=](TIFF* tiff) {
            if (tag != 0) TIFFSetField(tiff, static_cast<std::uint32_t>(tag), value);
          }};
}

/// Uses SubfileType (255, which libtiff does not write) instead of NewSubfileType (254).
std::string with_old_kind(std::string tiff) {
  const auto entry = [](std::uint32_t tag, std::uint32_t type, std::uint32_t kind) {
    return number(tag, 2, true) + number(type, 2, true) + number(1, 4, true) +
           number(kind, 4, true);
  };
  const std::string kind = entry(TIFFTAG_SUBFILETYPE, TIFF_LONG, FILETYPE_REDUCEDIMAGE);
  const std::size_t at = tiff.find(kind);
  REQUIRE(at != std::string::npos);
  return tiff.replace(at, kind.size(),
                      entry(TIFFTAG_OSUBFILETYPE, TIFF_SHORT, OFILETYPE_REDUCEDIMAGE));
}

bool notes(const Raster& raster, const std::string& part) {
  return std::any_of(raster.notes.begin(), raster.notes.end(),
                     [&](const auto& n) { return contains(n, part); });
}

constexpr std::uint16_t kUnknown = EXTRASAMPLE_UNSPECIFIED, kAssociated = EXTRASAMPLE_ASSOCALPHA,
                        kUnassociated = EXTRASAMPLE_UNASSALPHA;

}  // namespace

TEST_CASE("Extra samples other than transparency are ignored") {
  for (const int type : {CV_8UC1, CV_16UC1}) {
    const cv::Mat film = noise(70, 80, type), other = noise(70, 80, type, 8);
    for (const auto& [channels, kinds] :
         std::vector<std::pair<std::vector<cv::Mat>, std::vector<std::uint16_t>>>{
             {{film, other}, {kUnknown}},
             {{film, other}, {}},
             {{film, other, other}, {kUnknown, kUnknown}},
             {{film, other, other, film, other, film}, std::vector<std::uint16_t>(5, kUnknown)}}) {
      const Raster raster = only(with_extra(channels, kinds));
      CHECK(same_pixels(raster.pixels, film));
      CHECK(notes(raster, "were not used"));
    }
    const Raster colour = only(with_extra({film, film, other, other}, {kUnknown}, true));
    CHECK(same_pixels(colour.pixels, joined({film, film, other})));
  }
}

TEST_CASE("Unassociated alpha is kept as transparency") {
  const cv::Mat film = noise(70, 80, CV_8UC1), alpha = noise(70, 80, CV_8UC1, 8);
  const cv::Mat opaque(70, 80, CV_8UC1, cv::Scalar(255));
  const Raster kept = only(with_extra({film, alpha}, {kUnassociated}));
  CHECK(same_pixels(kept.pixels, joined({film, alpha})));
  CHECK(kept.notes.empty());
  const Raster colour = only(with_extra({film, film, film, alpha}, {kUnassociated}, true));
  CHECK(colour.pixels.channels() == 4);
  // The first of several is used.
  const Raster two = only(with_extra({film, alpha, film}, {kUnassociated, kUnknown}));
  CHECK(same_pixels(two.pixels, joined({film, alpha})));
  CHECK(notes(two, "were not used"));
  // Associated: the colours are already composited on black.
  const Raster multiplied = only(with_extra({film, alpha}, {kAssociated}));
  CHECK(same_pixels(multiplied.pixels, film));
  CHECK(notes(multiplied, "composited on black"));
  const Raster plain = only(with_extra({film, film, film, opaque}, {kAssociated}, true));
  CHECK(same_pixels(plain.pixels, joined({film, film, film})));
  CHECK(plain.notes.empty());
}

TEST_CASE("Extra samples are ignored in planes and tiles too") {
  const cv::Mat film = noise(70, 81, CV_16UC1), other = noise(70, 81, CV_16UC1, 8);
  const TempDir dir;
  const auto path = dir / "a.tif";
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  REQUIRE(tiff != nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 81);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 70);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 2);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_SEPARATE);
  TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kUnknown);
  for (const cv::Mat& plane : {film, other}) {
    for (int y = 0; y < plane.rows; ++y) {
      cv::Mat row = plane.row(y).clone();
      TIFFWriteScanline(tiff, row.data, static_cast<unsigned>(y), &plane == &film ? 0 : 1);
    }
  }
  TIFFClose(tiff);
  const Raster raster = only(read_file(path));
  CHECK(raster.pixels.channels() == 1);
  CHECK(raster.pixels.size() == film.size());
}

TEST_CASE("Reduced copies and transparency masks are not pages, at any position") {
  const cv::Mat film = noise(80, 96, CV_8UC1), small = noise(20, 24, CV_8UC1, 8);
  const cv::Mat mask = noise(80, 96, CV_8UC1, 9);
  const TiffRecipe whole = page(film);
  const TiffRecipe copy = page(small, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  const TiffRecipe masking = page(mask, TIFFTAG_SUBFILETYPE, FILETYPE_MASK);
  for (const char* mode : {"w", "w8", "wb"}) {  // w8: BigTIFF, wb: big-endian
    for (const auto& pages : std::vector<std::vector<TiffRecipe>>{{copy, whole},
                                                                  {whole, copy},
                                                                  {copy, copy, whole, copy},
                                                                  {masking, whole},
                                                                  {copy, whole, masking}}) {
      CHECK(same_pixels(only(tiff_of(pages, mode)).pixels, film));
    }
  }
  CHECK(same_pixels(only(with_old_kind(tiff_of({copy, whole}))).pixels, film));
  CHECK(same_pixels(only(with_old_kind(tiff_of({whole, copy}))).pixels, film));
  // If all pages are reduced copies or masks, they are used.
  CHECK(same_pixels(only(tiff_of({copy})).pixels, small));
  const TiffRecipe large_copy = page(film, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  CHECK(same_pixels(only(tiff_of({copy, large_copy})).pixels, film));
  CHECK(decode_tiff(tiff_of({masking, masking}), "m.tif").size() == 2);
  CHECK(contains(message_of(ErrorKind::unsupported,
                            [&] {
                              decode_tiff(tiff_of({copy, whole, whole}), "m.tif", 1);
                            }),
                 "got 2"));
}

TEST_CASE("Pyramids below a page are ignored, a film below its thumbnail is used") {
  const cv::Mat film = noise(80, 96, CV_8UC1), small = noise(20, 24, CV_8UC1, 8);
  const auto with_sub = [](const cv::Mat& pixels, int kind) {
    return TiffRecipe{pixels, [=](TIFF* tiff) {
                        const std::uint64_t none = 0;
                        TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, kind);
                        TIFFSetField(tiff, TIFFTAG_SUBIFD, 1, &none);
                      }};
  };
  const TiffRecipe copy = page(small, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  CHECK(same_pixels(only(tiff_of({with_sub(film, 0), copy})).pixels, film));
  CHECK(same_pixels(only(tiff_of({with_sub(small, FILETYPE_REDUCEDIMAGE), page(film)})).pixels,
                    film));
}

TEST_CASE("The orientation is that of the page that is read") {
  const cv::Mat film = noise(80, 96, CV_8UC1), small = noise(20, 24, CV_8UC1, 8);
  const TiffRecipe copy{small, [](TIFF* tiff) {
                          TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
                          TIFFSetField(tiff, TIFFTAG_ORIENTATION, 3);
                        }};
  const TiffRecipe whole = page(film, TIFFTAG_ORIENTATION, 6);
  CHECK(only(tiff_of({copy, whole})).orientation == Orientation::right_top);
  CHECK(only(tiff_of({copy, page(film)})).orientation == Orientation::top_left);
}

namespace {

/// A chain of directories of one small page each, without pixel data.
/// @param back_to  index of the directory that the last one links to; -1: none
std::string chain_of(std::uint32_t directories, int back_to) {
  const auto n = [](std::uint32_t value, int size) { return number(value, size, true); };
  const auto entry = [&n](std::uint32_t tag, std::uint32_t value) {
    return n(tag, 2) + n(TIFF_LONG, 2) + n(1, 4) + n(value, 4);
  };
  const std::string fields = n(6, 2) + entry(TIFFTAG_IMAGEWIDTH, 64) +
                             entry(TIFFTAG_IMAGELENGTH, 64) + entry(TIFFTAG_BITSPERSAMPLE, 8) +
                             entry(TIFFTAG_STRIPOFFSETS, 8) + entry(TIFFTAG_ROWSPERSTRIP, 64) +
                             entry(TIFFTAG_STRIPBYTECOUNTS, 4);
  const auto size = static_cast<std::uint32_t>(fields.size()) + 4;
  std::string tiff = "II" + n(42, 2) + n(8, 4);
  for (std::uint32_t i = 0; i < directories; ++i) {
    const bool last = i + 1 == directories;
    const std::uint32_t behind = 8 + (i + 1) * size;
    const std::uint32_t back = back_to < 0 ? 0 : 8 + static_cast<std::uint32_t>(back_to) * size;
    tiff += fields + n(last ? back : behind, 4);
  }
  return tiff;
}

}  // namespace

TEST_CASE("A chain of directories that is too long or circular is rejected immediately") {
  for (const std::uint32_t directories : {257U, 5000U, 60000U}) {
    const std::string tiff = chain_of(directories, -1);
    const auto start = std::chrono::steady_clock::now();
    for (const auto& decode : std::vector<std::function<void()>>{
             [&] { decode_tiff(tiff, "a.tif"); }, [&] { decode_tiff_bands(tiff, "a.tif"); }}) {
      CHECK(contains(message_of(ErrorKind::unsupported, decode),
                     "expected a TIFF of at most 256 directories, got more"));
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  }
  for (const int back_to : {0, 1, 7}) {
    const std::string tiff = chain_of(8, back_to);
    INFO("back to " << back_to);
    message_of(ErrorKind::unreadable, [&] { decode_tiff(tiff, "a.tif"); });
    message_of(ErrorKind::unreadable, [&] { decode_tiff_bands(tiff, "a.tif"); });
  }
}
