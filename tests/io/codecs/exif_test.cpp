#include "spine/io/codecs/exif.h"

#include "support/catch.h"
#include "support/tagged.h"

using namespace spine;
using spine::test::exif_block;
using spine::test::ExifRecipe;

TEST_CASE("The orientation is read in both byte orders, as SHORT and as LONG") {
  for (const bool low_first : {true, false}) {
    for (const bool as_long : {true, false}) {
      for (const std::uint32_t value : {0U, 1U, 6U, 8U, 9U, 65535U}) {
        const std::string block = exif_block({value, low_first, as_long, 0, 0});
        CHECK(read_exif(block).orientation == static_cast<int>(value));
        CHECK(read_exif(std::string("Exif\0\0", 6) + block).orientation == static_cast<int>(value));
        CHECK_FALSE(read_exif(block).x_resolution);
      }
    }
  }
}

TEST_CASE("Resolutions are read only as a pair") {
  for (const bool low_first : {true, false}) {
    const ExifTags tags = read_exif(exif_block({3, low_first, false, 72, 144}));
    CHECK(tags.orientation == 3);
    CHECK(tags.x_resolution == 72.0);
    CHECK(tags.y_resolution == 144.0);
  }
  const std::string block = exif_block({3, true, false, 72, 144});
  CHECK_FALSE(read_exif(block.substr(0, block.size() - 1)).x_resolution);
}

TEST_CASE("A corrupt block is ignored and never read beyond its end") {
  for (const bool resolution : {true, false}) {
    const std::string block = exif_block({6, true, false, resolution ? 72U : 0U, 144});
    for (std::size_t size = 0; size < block.size(); ++size) {
      const std::string cut = block.substr(0, size);  // a separate allocation, for the sanitizer
      CHECK(read_exif(cut).orientation.value_or(6) == 6);
    }
    cv::RNG rng(5);
    for (int round = 0; round < 2000; ++round) {
      std::string hurt = block;
      for (int k = 0; k < 3; ++k) {
        hurt[static_cast<std::size_t>(rng.uniform(0, static_cast<int>(hurt.size())))] =
            static_cast<char>(rng.uniform(0, 256));
      }
      const ExifTags tags = read_exif(hurt);
      CHECK(tags.x_resolution.has_value() == tags.y_resolution.has_value());
    }
  }
  CHECK_FALSE(read_exif("http://ns.adobe.com/xap/1.0/").orientation);
  CHECK_FALSE(read_exif("").orientation);
}

TEST_CASE("An EXIF block in hexadecimal text is decoded") {
  CHECK(raw_profile("\nexif\n      4\n4949\n2a00\n") == std::string("II*\0", 4));
  CHECK(raw_profile("\nAPP1\n4\n49492A00") == std::string("II*\0", 4));
  CHECK(raw_profile("\nexif\n 5\n49492A00").empty());  // fewer digits than declared
  CHECK(raw_profile("\nexif\n 99999999999999999999\n49").empty());
  CHECK(raw_profile("").empty());
  CHECK(raw_profile("exif").empty());
}
