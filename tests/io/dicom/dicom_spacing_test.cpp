#include "spine/io/dicom/dicom_spacing.h"

#include "io/dicom/dicom_films.h"

using namespace spine;
using spine::test::contains;

namespace {

FilmInfo spacing_of(const std::vector<std::pair<DcmTagKey, const char*>>& tags) {
  prepare_dicom_libraries();
  DcmDataset data;
  for (const auto& [key, value] : tags) data.putAndInsertString(key, value);
  FilmInfo info;
  find_spacing(data, info);
  return info;
}

const DcmTagKey& kMagnification = DCM_EstimatedRadiographicMagnificationFactor;

}  // namespace

TEST_CASE("Spacings are parsed leniently") {
  for (const char* value : {"0.2\\0.15", "0,2\\0,15", " 0.2 \\ 0.15 ", "0.2\\0.15\\7"}) {
    const auto info = spacing_of({{DCM_PixelSpacing, value}});
    CHECK(info.spacing == Spacing{0.2, 0.15});
    CHECK(info.spacing_source == SpacingSource::unknown);
    CHECK(info.notes.empty());
  }
  const auto one = spacing_of({{DCM_PixelSpacing, "0.2"}});
  CHECK(one.spacing == Spacing{0.2, 0.2});
  REQUIRE(one.notes.size() == 1);
  CHECK(contains(one.notes[0], "assumed square"));
  const auto scanned = spacing_of({{DCM_NominalScannedPixelSpacing, "0.2\\0.15"}});
  CHECK(scanned.spacing == Spacing{0.2, 0.15});
  CHECK(scanned.spacing_source == SpacingSource::unknown);
}

TEST_CASE("Invalid spacings are ignored and noted") {
  for (const char* value : {"0\\0", "-0.2\\-0.2", "0.2\\x", "0.2,0.2", "0.2mm\\0.2mm", "143\\143",
                            "0.0000143\\0.0000143", "0.1\\0.9", "0.2\\0\\0.2"}) {
    const auto info = spacing_of({{DCM_PixelSpacing, value}});
    CHECK_FALSE(info.spacing);
    CHECK(info.spacing_source == SpacingSource::none);
    REQUIRE(info.notes.size() == 1);
    CHECK(contains(info.notes[0], "not a valid number"));
  }
}

TEST_CASE("Magnification is read, or ignored with a note") {
  const auto spacing = [](const char* factor) {
    return spacing_of({{DCM_ImagerPixelSpacing, "0.25\\0.25"}, {kMagnification, factor}});
  };
  const auto comma = spacing("1,25");
  REQUIRE(comma.spacing);
  CHECK(comma.spacing->row_mm == Approx(0.2));
  CHECK(comma.spacing_source == SpacingSource::magnification_corrected);
  for (const char* value : {"0", "0.8", "-1", "125", "1.25x", "1,2,5"}) {
    const auto info = spacing(value);
    CHECK(info.spacing == Spacing{0.25, 0.25});
    CHECK(info.spacing_source == SpacingSource::detector_plane);
    REQUIRE(info.notes.size() == 1);
    CHECK(contains(info.notes[0], "magnification factor"));
  }
  CHECK(spacing("").notes.empty());
}

TEST_CASE("Without a spacing the pixel shape is taken from the aspect ratio") {
  const auto tall = spacing_of({{DCM_PixelAspectRatio, "6\\5"}});
  REQUIRE(tall.spacing);
  CHECK(*tall.spacing == relative_spacing(1.2));
  CHECK(tall.spacing_source == SpacingSource::aspect_ratio);
  CHECK(contains(tall.notes.at(0), "not square"));
  CHECK(spacing_of({{DCM_PixelAspectRatio, "1\\2"}}).spacing == relative_spacing(0.5));
  const auto square = spacing_of({{DCM_PixelAspectRatio, "1\\1"}});
  CHECK_FALSE(square.spacing);
  CHECK(square.notes.empty());
  for (const char* value : {"0\\0", "-6\\5", "6", "60\\5", "1\\0", "x\\y", "1\\2\\3"}) {
    const auto info = spacing_of({{DCM_PixelAspectRatio, value}});
    CHECK_FALSE(info.spacing);
    REQUIRE(info.notes.size() == 1);
    CHECK(contains(info.notes[0], "aspect ratio"));
  }
}

TEST_CASE("A spacing takes precedence over a contradicting aspect ratio") {
  const auto agrees = spacing_of({{DCM_PixelSpacing, "0.2\\0.1"}, {DCM_PixelAspectRatio, "2\\1"}});
  CHECK(agrees.notes.empty());
  const auto contradicts =
      spacing_of({{DCM_PixelSpacing, "0.2\\0.2"}, {DCM_PixelAspectRatio, "2\\1"}});
  CHECK(contradicts.spacing == Spacing{0.2, 0.2});
  REQUIRE(contradicts.notes.size() == 1);
  CHECK(contains(contradicts.notes[0], "contradicts"));
  CHECK(contradicts.flags == std::vector<std::string>{"pixel_shape_uncertain"});
  CHECK(agrees.flags.empty());
}
