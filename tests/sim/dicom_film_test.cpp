#include "spine/sim/dicom_film.h"

#include "support/catch.h"
#include "support/temp_dir.h"
#include <opencv2/core.hpp>

#include "spine/core/error.h"
#include "spine/io/image_io.h"

using namespace spine;

namespace {

Image ramp_film() {
  cv::Mat pixels(90, 70, CV_16UC1);
  for (int y = 0; y < pixels.rows; ++y) {
    for (int x = 0; x < pixels.cols; ++x) {
      pixels.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(700 * y + 10 * x);
    }
  }
  FilmInfo info;
  info.spacing = Spacing{0.175, 0.175};
  return Image(pixels, info);
}

}  // namespace

TEST_CASE("a film written as DICOM is read back the same, with its spacing") {
  const test::TempDir folder;
  const Image film = ramp_film();
  sim::write_dicom_film(folder / "a.dcm", film, "sim-000001", 1);
  const Image read = read_film(folder / "a.dcm");
  REQUIRE(read.size() == film.size());
  CHECK(cv::norm(read.pixels(), film.pixels(), cv::NORM_INF) <= 1);
  REQUIRE(read.info().spacing);
  CHECK(std::abs(read.info().spacing->row_mm - 0.175) < 1e-9);
  CHECK(read.info().spacing_source == SpacingSource::detector_plane);
}

TEST_CASE("failing to write a DICOM film is an output error") {
  const test::TempDir folder;
  try {
    sim::write_dicom_film(folder / "missing" / "a.dcm", ramp_film(), "sim-000001", 1);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::output);
  }
}
