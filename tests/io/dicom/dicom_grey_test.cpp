#include "spine/io/dicom/dicom_grey.h"

#include <cmath>

#include "support/catch.h"
#include "support/throws.h"

using namespace spine;
using spine::test::contains;

namespace {

/// Words 0, 1, ..., n-1 in one row.
cv::Mat ramp(int n) {
  cv::Mat words(1, n, CV_16UC1);
  for (int i = 0; i < n; ++i) words.at<std::uint16_t>(i) = static_cast<std::uint16_t>(i);
  return words;
}

int at(const cv::Mat& out, int i) { return out.at<std::uint16_t>(i); }

}  // namespace

TEST_CASE("Stored values are extracted from their words") {
  CHECK(StoredFormat{12, 11, false}.value(0xF123) == 0x123);  // overlay bits above
  CHECK(StoredFormat{12, 15, false}.value(0x1234) == 0x123);  // left-aligned
  CHECK(StoredFormat{12, 11, true}.value(0x0FFF) == -1);
  CHECK(StoredFormat{12, 11, true}.value(0x0800) == -2048);
  CHECK(StoredFormat{16, 15, true}.value(0x8000) == -32768);
  CHECK(StoredFormat{16, 15, false}.value(0x8000) == 32768);
  CHECK(StoredFormat{1, 0, false}.value(3) == 1);
}

TEST_CASE("Lookup tables are constant beyond their ends") {
  const LookupTable table{10, 8, {5, 6, 9}};
  CHECK(table.at(-100) == 5);
  CHECK(table.at(11) == 6);
  CHECK(table.at(99) == 9);
}

TEST_CASE("Windows follow the formulas of PS3.3 C.11.2.1") {
  // The example of the standard: center 2048, width 4096 spans 0 to 4095.
  const Window wide{2048, 4096};
  CHECK(wide.at(0) == 0);
  CHECK(wide.at(4095) == 1);
  CHECK(wide.at(2047.5) == Approx(0.5));
  CHECK(wide.at(1024) == Approx((1024 - 2047.5) / 4095 + 0.5));
  const Window step{2048, 1};  // width 1: a threshold
  CHECK(step.at(2047) == 0);
  CHECK(step.at(2048) == 1);

  const Window exact{2048, 4096, WindowFunction::linear_exact};
  CHECK(exact.at(0) == 0);
  CHECK(exact.at(2048) == 0.5);
  CHECK(exact.at(4096) == 1);

  const Window sigmoid{100, 40, WindowFunction::sigmoid};
  CHECK(sigmoid.at(100) == 0.5);
  CHECK(sigmoid.at(110) == Approx(1 / (1 + std::exp(-1))));
  CHECK(sigmoid.at(60) == Approx(1 / (1 + std::exp(4))));
}

TEST_CASE("Rescale precedes the window, inversion follows it") {
  GreyPipeline pipeline;
  pipeline.slope = 2;
  pipeline.intercept = -10;
  pipeline.window = Window{95, 191};  // modality values 0 to 190
  std::vector<std::string> notes;
  const cv::Mat out = to_display(ramp(110), pipeline, notes);
  CHECK(notes.empty());
  CHECK(at(out, 5) == cvRound(65535 * (((0 - 94.5) / 190) + 0.5)));
  CHECK(at(out, 0) == 0);
  CHECK(at(out, 109) == 65535);
  pipeline.inverse = true;
  const cv::Mat inverse = to_display(ramp(110), pipeline, notes);
  for (int i = 0; i < 110; ++i) CHECK(std::abs(at(inverse, i) + at(out, i) - 65535) <= 1);
}

TEST_CASE("Modality and VOI tables are chained, and tables take precedence over windows") {
  GreyPipeline pipeline;
  pipeline.modality_lut = LookupTable{0, 16, {30, 20, 10, 0}};
  pipeline.slope = 100;  // not used beside a table
  pipeline.voi_lut = LookupTable{0, 8, {}};
  for (int i = 0; i <= 30; ++i) pipeline.voi_lut->data.push_back(static_cast<std::uint16_t>(8 * i));
  pipeline.window = Window{1, 1};
  std::vector<std::string> notes;
  const cv::Mat out = to_display(ramp(6), pipeline, notes);
  CHECK(at(out, 0) == cvRound(65535 * 240 / 255.0));
  CHECK(at(out, 1) == cvRound(65535 * 160 / 255.0));
  CHECK(at(out, 3) == 0);
  CHECK(at(out, 5) == 0);
}

TEST_CASE("Padding is black in either polarity and excluded from percentiles") {
  cv::Mat words(1, 1000, CV_16UC1);
  for (int i = 0; i < 1000; ++i) {
    words.at<std::uint16_t>(i) = static_cast<std::uint16_t>(i < 300 ? 60000 : 100 + i);
  }
  GreyPipeline pipeline;
  pipeline.padding = std::pair(59999, 60001);
  for (const bool inverse : {false, true}) {
    pipeline.inverse = inverse;
    std::vector<std::string> notes;
    const cv::Mat out = to_display(words, pipeline, notes);
    CHECK(at(out, 0) == 0);
    CHECK(at(out, 300) == (inverse ? 65535 : 0));
    CHECK(at(out, 650) == Approx(65535 / 2.0).margin(200));
    REQUIRE(notes.size() == 1);
    CHECK(contains(notes[0], "no window in the file"));
  }
}

TEST_CASE("A window that leaves no contrast is replaced and noted") {
  GreyPipeline pipeline;
  pipeline.window = Window{100000, 10};
  std::vector<std::string> notes;
  const cv::Mat out = to_display(ramp(1000), pipeline, notes);
  CHECK(at(out, 999) == 65535);
  CHECK(at(out, 0) == 0);
  REQUIRE(notes.size() == 1);
  CHECK(contains(notes[0], "leaves no contrast"));
}

TEST_CASE("a window that clips the image centre is replaced and noted") {
  // A 12-bit film that fills its range evenly.
  cv::Mat film(400, 300, CV_16UC1);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x) {
      film.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>((x * 37 + y * 101) % 4096);
    }
  }
  const auto notes_of = [&](Window window, bool inverse = false) {
    GreyPipeline pipeline;
    pipeline.window = window;
    pipeline.inverse = inverse;
    std::vector<std::string> notes;
    const cv::Mat shown = to_display(film, pipeline, notes);
    double lowest = 1, highest = 0;
    cv::minMaxLoc(shown, &lowest, &highest);
    CHECK(lowest == 0);
    CHECK(highest == 65535);
    return notes;
  };
  for (const Window& window :
       {Window{2048, 1}, Window{1000, 2}, Window{128, 256}, Window{40, 400}, Window{2048, 2048},
        Window{3500, 1000}, Window{2048, 300, WindowFunction::sigmoid},
        Window{128, 256, WindowFunction::linear_exact}}) {
    for (const bool inverse : {false, true}) {
      const auto notes = notes_of(window, inverse);
      REQUIRE(notes.size() == 1);
      CHECK(contains(notes[0], "the file's window clips"));
      CHECK(contains(notes[0], "percentile was stretched"));
    }
  }
  for (const Window& window : {Window{2048, 4096}, Window{2048, 3500}, Window{1900, 3000}}) {
    CHECK(notes_of(window).empty());
  }
}

TEST_CASE("A window that clips air or values at the film's own limits is kept") {
  cv::Mat film(400, 300, CV_16UC1);
  for (int y = 0; y < film.rows; ++y) {
    for (int x = 0; x < film.cols; ++x) {
      // Air beside the body, a shutter above and below, saturated spots in the body.
      int value = 1500 + (x * 37 + y * 101) % 1000;
      if (x < 70 || x > 230) value = 3900 + (x + y) % 190;
      if (y < 60 || y > 340) value = 0;
      if ((x / 20 + y / 20) % 3 == 0 && value > 0 && value < 3000) value = 4095;
      film.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(value);
    }
  }
  GreyPipeline pipeline;
  pipeline.window = Window{2000, 1100};
  std::vector<std::string> notes;
  to_display(film, pipeline, notes);
  CHECK(notes.empty());
}

TEST_CASE("If a VOI LUT is unusable the window is used") {
  GreyPipeline pipeline;
  pipeline.voi_lut = LookupTable{0, 16, std::vector<std::uint16_t>(1000, 4095)};
  pipeline.window = Window{500, 1000};
  std::vector<std::string> notes;
  const cv::Mat out = to_display(ramp(1000), pipeline, notes);
  CHECK(notes.empty());
  CHECK(at(out, 999) == 65535);
  pipeline.window.reset();
  to_display(ramp(1000), pipeline, notes);
  REQUIRE(notes.size() == 1);
  CHECK(contains(notes[0], "VOI LUT leaves no contrast"));
}

TEST_CASE("A VOI LUT with fewer bits than declared is displayed at full range") {
  for (const int largest : {1000, 4095, 32767}) {
    GreyPipeline pipeline;
    pipeline.voi_lut = LookupTable{0, 16, {}};
    for (int i = 0; i < 101; ++i) {
      pipeline.voi_lut->data.push_back(static_cast<std::uint16_t>(largest * i / 100));
    }
    std::vector<std::string> notes;
    const cv::Mat out = to_display(ramp(101), pipeline, notes);
    CHECK(at(out, 100) == 65535);
    CHECK(at(out, 50) == cvRound(65535.0 * (largest * 50 / 100) / largest));
    // A LUT that uses its declared bits is unchanged.
    pipeline.voi_lut->data.back() = 60000;
    CHECK(at(to_display(ramp(101), pipeline, notes), 100) == 60000);
  }
}
