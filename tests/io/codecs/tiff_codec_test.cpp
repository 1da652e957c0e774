#include "spine/io/codecs/tiff_codec.h"

#include "support/catch.h"
#include "support/pictures.h"
#include "support/temp_dir.h"
#include "support/throws.h"
#include <opencv2/imgcodecs.hpp>
#include <tiffio.h>

#include "spine/io/codecs/tiff_writer.h"
#include "spine/util/atomic_file.h"

using namespace spine;

namespace {

std::vector<cv::Mat> through_file(const std::vector<TiffPage>& pages) {
  const test::TempDir dir;
  const auto bytes = encode_tiff(pages);
  write_file_atomically(dir / "a.tif", bytes);
  std::vector<cv::Mat> back;
  cv::imreadmulti((dir / "a.tif").string(), back, cv::IMREAD_UNCHANGED);
  return back;
}

}  // namespace

TEST_CASE("Random pages with runs of every length are read back exactly") {
  cv::RNG rng(20240611);
  for (int round = 0; round < 20; ++round) {
    std::vector<TiffPage> pages;
    const int count = rng.uniform(1, 5);
    for (int p = 0; p < count; ++p) {
      cv::Mat page(rng.uniform(1, 200), rng.uniform(1, 700), CV_8UC1);
      auto* pixel = page.ptr<std::uint8_t>();
      for (std::size_t i = 0; i < page.total();) {
        const int longest = rng.uniform(0, 2) == 0 ? 4 : 400;
        const auto run = static_cast<std::size_t>(rng.uniform(1, longest));
        const auto value = static_cast<std::uint8_t>(rng.uniform(0, 256));
        for (std::size_t k = 0; k < run && i < page.total(); ++k) pixel[i++] = value;
      }
      pages.push_back({"page " + std::to_string(p), page});
    }
    const auto back = through_file(pages);
    REQUIRE(back.size() == pages.size());
    for (std::size_t p = 0; p < pages.size(); ++p) {
      REQUIRE(back[p].size() == pages[p].pixels.size());
      CHECK(cv::countNonZero(back[p] != pages[p].pixels) == 0);
    }
  }
}

TEST_CASE("Pages of 16 bits, and parts of larger matrices, are written exactly") {
  const cv::Mat large = test::noise(300, 400, CV_16UC1);
  const std::vector<TiffPage> pages{{"whole", large}, {"part", large(cv::Rect(7, 9, 111, 131))}};
  const auto back = through_file(pages);
  REQUIRE(back.size() == 2);
  for (std::size_t p = 0; p < pages.size(); ++p) {
    CHECK(test::same_pixels(back[p], pages[p].pixels));
  }
}

TEST_CASE("The tags of written pages describe them") {
  const test::TempDir dir;
  const cv::Mat page = test::noise(130, 70, CV_8UC1);
  write_file_atomically(dir / "a.tif",
                        encode_tiff(std::vector<TiffPage>{{"L1", page}, {"L2", page}}));
  TIFF* tiff = TIFFOpen((dir / "a.tif").c_str(), "r");
  REQUIRE(tiff != nullptr);
  const auto number = [tiff](std::uint32_t tag) {
    std::uint32_t value = 0;
    TIFFGetField(tiff, tag, &value);
    return value;
  };
  for (const std::uint16_t index : {0, 1}) {
    REQUIRE(TIFFSetDirectory(tiff, index) == 1);
    CHECK(number(TIFFTAG_SUBFILETYPE) == FILETYPE_PAGE);
    CHECK(number(TIFFTAG_IMAGEWIDTH) == 70);
    CHECK(number(TIFFTAG_IMAGELENGTH) == 130);
    CHECK(number(TIFFTAG_BITSPERSAMPLE) == 8);
    CHECK(number(TIFFTAG_COMPRESSION) == COMPRESSION_PACKBITS);
    CHECK(number(TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_MINISBLACK);
    CHECK(number(TIFFTAG_SAMPLESPERPIXEL) == 1);
    CHECK(number(TIFFTAG_ROWSPERSTRIP) == 64);
    const char* name = nullptr;
    REQUIRE(TIFFGetField(tiff, TIFFTAG_PAGENAME, &name) == 1);
    CHECK(std::string(name) == (index == 0 ? "L1" : "L2"));
    std::uint16_t page_number = 9, total = 0;
    REQUIRE(TIFFGetField(tiff, TIFFTAG_PAGENUMBER, &page_number, &total) == 1);
    CHECK(page_number == index);
    CHECK(total == 2);
  }
  TIFFClose(tiff);
}

TEST_CASE("What is no page of a TIFF is refused") {
  using spine::test::message_of;
  message_of(ErrorKind::internal, [] { encode_tiff({}); });
  for (const cv::Mat& pixels : {cv::Mat(), cv::Mat(2, 2, CV_8UC3), cv::Mat(2, 2, CV_32FC1)}) {
    message_of(ErrorKind::internal, [&] { encode_tiff(std::vector<TiffPage>{{"a", pixels}}); });
  }
}

TEST_CASE("Bands contain every non-blank row") {
  cv::Mat page = cv::Mat::zeros(1000, 300, CV_8UC1);
  const auto band_of = [&] {
    const auto bytes = encode_tiff(std::vector<TiffPage>{{"L1", page}});
    const auto bands =
        decode_tiff_bands({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "masks");
    REQUIRE(bands.size() == 1);
    CHECK(bands[0].page == page.size());
    return bands[0];
  };
  CHECK(band_of().rows.empty());
  for (const cv::Range something :
       {cv::Range(0, 1), {999, 1000}, {500, 501}, {130, 700}, {0, 1000}}) {
    page.setTo(0);
    page(something, cv::Range(40, 90)).setTo(255);
    const TiffBand band = band_of();
    cv::Mat again = cv::Mat::zeros(page.size(), CV_8UC1);
    band.rows.copyTo(again.rowRange(band.top, band.top + band.rows.rows));
    CHECK(cv::countNonZero(again != page) == 0);
    CHECK(band.rows.rows < something.size() + 2 * 64);  // no more than the strips that contain it
  }
}

TEST_CASE("An empty page of a large film takes little space") {
  const auto bytes =
      encode_tiff(std::vector<TiffPage>{{"L1", cv::Mat::zeros(2500, 2000, CV_8UC1)}});
  CHECK(bytes.size() < 100'000);
}

namespace {

using spine::test::contains;
using spine::test::message_of;

/// A TIFF written by libtiff with chosen tags, one sample per pixel or interleaved.
struct Recipe {
  int bits = 8, samples = 1, photometric = PHOTOMETRIC_MINISBLACK;
  int compression = COMPRESSION_NONE, format = SAMPLEFORMAT_UINT;
  bool separate = false, tiled = false;
};

std::string written(const cv::Mat& pixels, const Recipe& recipe) {
  const test::TempDir dir;
  const auto path = dir / "a.tif";
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  REQUIRE(tiff != nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, pixels.cols);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, pixels.rows);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, recipe.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, recipe.samples);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, recipe.format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, recipe.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, recipe.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               recipe.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  std::vector<cv::Mat> planes{pixels};
  if (recipe.separate) cv::split(pixels, planes);
  for (std::size_t p = 0; p < planes.size(); ++p) {
    const cv::Mat& plane = planes[p];
    const auto sample = static_cast<std::uint16_t>(p);
    if (recipe.tiled) {
      constexpr int kTile = 32;
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kTile);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, kTile);
      for (int y = 0; y < plane.rows; y += kTile) {
        for (int x = 0; x < plane.cols; x += kTile) {
          cv::Mat tile = cv::Mat::zeros(kTile, kTile, plane.type());
          const cv::Rect part = cv::Rect(x, y, kTile, kTile) & cv::Rect({}, plane.size());
          plane(part).copyTo(tile(cv::Rect({}, part.size())));
          TIFFWriteTile(tiff, tile.data, static_cast<unsigned>(x), static_cast<unsigned>(y), 0,
                        sample);
        }
      }
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
      for (int y = 0; y < plane.rows; ++y) {
        cv::Mat row = plane.row(y).clone();
        TIFFWriteScanline(tiff, row.data, static_cast<unsigned>(y), sample);
      }
    }
  }
  TIFFClose(tiff);
  return read_file(path);
}

}  // namespace

TEST_CASE("Strips and tiles, interleaved and by plane, 8 and 16 bits are read back exactly") {
  for (const int depth : {CV_8U, CV_16U}) {
    for (const int samples : {1, 3}) {
      const cv::Mat pixels = test::noise(70, 81, CV_MAKETYPE(depth, samples));
      for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
        for (const bool tiled : {false, true}) {
          for (const bool separate : {false, true}) {
            Recipe recipe;
            recipe.bits = depth == CV_8U ? 8 : 16;
            recipe.samples = samples;
            recipe.photometric = samples == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB;
            recipe.compression = compression;
            recipe.tiled = tiled;
            recipe.separate = separate;
            const auto bytes = written(pixels, recipe);
            REQUIRE(is_tiff(bytes));
            const auto pages = decode_tiff(bytes, "a.tif");
            REQUIRE(pages.size() == 1);
            CHECK(test::same_pixels(pages[0].pixels, pixels));
          }
        }
      }
    }
  }
}

TEST_CASE("White-is-zero is reported") {
  Recipe recipe;
  recipe.photometric = PHOTOMETRIC_MINISWHITE;
  const auto pages = decode_tiff(written(test::noise(70, 80, CV_8UC1), recipe), "a.tif");
  CHECK(pages.at(0).white_is_zero);
}

TEST_CASE("Other samples are rejected, naming what was found") {
  Recipe recipe;
  recipe.bits = 32;
  recipe.format = SAMPLEFORMAT_IEEEFP;
  const cv::Mat floats(64, 64, CV_32F, cv::Scalar(0.5));
  CHECK(contains(
      message_of(ErrorKind::unsupported, [&] { decode_tiff(written(floats, recipe), "f.tif"); }),
      "expected a TIFF of 8 or 16 bits, got 32 bits float"));
  recipe = {};
  recipe.format = SAMPLEFORMAT_INT;
  CHECK(contains(
      message_of(ErrorKind::unsupported,
                 [&] { decode_tiff(written(test::noise(64, 64, CV_8UC1), recipe), "s.tif"); }),
      "8 bits signed integers"));
}

TEST_CASE("Too many pages, truncation and huge sizes are rejected") {
  const cv::Mat page = test::noise(64, 64, CV_8UC1);
  const auto three = encode_tiff(std::vector<TiffPage>{{"a", page}, {"b", page}, {"c", page}});
  const std::string bytes(reinterpret_cast<const char*>(three.data()), three.size());
  CHECK(decode_tiff(bytes, "m.tif").size() == 3);
  CHECK(contains(message_of(ErrorKind::unsupported, [&] { decode_tiff(bytes, "m.tif", 1); }),
                 "expected a TIFF of 1 page(s), got 3"));
  for (const double share : {0.01, 0.3, 0.6, 0.99}) {
    const auto cut = static_cast<std::size_t>(share * static_cast<double>(bytes.size()));
    message_of(ErrorKind::unreadable, [&] { decode_tiff(bytes.substr(0, cut), "cut.tif"); });
  }
  const auto lzw = written(test::toy_film(), {8, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_LZW});
  message_of(ErrorKind::unreadable, [&] { decode_tiff(lzw.substr(0, lzw.size() / 2), "cut.tif"); });
  RasterLimits limits;
  limits.max_side = 60;
  CHECK(
      contains(message_of(ErrorKind::unsupported, [&] { decode_tiff(bytes, "m.tif", 9, limits); }),
               "got 64x64"));
}
