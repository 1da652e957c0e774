#include "spine/eval/plots.h"

#include "support/catch.h"
#include "support/temp_dir.h"

#include "spine/io/image_io.h"

using namespace spine;
using namespace spine::test;
namespace fs = std::filesystem;

namespace {

MetricEvaluation errors_of(const std::vector<double>& errors) {
  MetricEvaluation metric{"SS", "deg", {}, {}, {}};
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const double truth = 30 + static_cast<double>(i);
    metric.pairs.push_back({truth, truth + errors[i]});
    metric.studies.push_back("study " + std::to_string(i));
  }
  metric.stats = summarise(metric.pairs);
  return metric;
}

int pixels_of(const cv::Mat& image, const cv::Scalar& color) {
  cv::Mat inside;
  cv::inRange(image, color, color, inside);
  return cv::countNonZero(inside);
}

const cv::Scalar kBlue(180, 110, 30);

}  // namespace

TEST_CASE("every completed study is a dot") {
  const int one = pixels_of(draw_bland_altman(paired_values(errors_of({1}))), kBlue);
  const int three = pixels_of(draw_bland_altman(paired_values(errors_of({-5, 2, 7}))), kBlue);
  CHECK(one > 0);
  CHECK(three > 2.5 * one);
  MetricEvaluation none = errors_of({1});
  none.pairs.front().predicted.reset();
  none.stats = summarise(none.pairs);
  CHECK(pixels_of(draw_bland_altman(paired_values(none)), kBlue) == 0);
  CHECK(draw_error_histogram(none).size() == cv::Size(900, 600));
}

TEST_CASE("bars of the histogram grow with the number of studies") {
  const int few = pixels_of(draw_error_histogram(errors_of({-1, 0, 1, 4})), kBlue);
  const int many = pixels_of(draw_error_histogram(errors_of({-1, 0, 0, 0, 0, 1, 4})), kBlue);
  CHECK(few > 0);
  CHECK(many > few);
}

TEST_CASE("dots of equal values lie on the line of identity") {
  const cv::Scalar grey = cv::Scalar::all(190);
  const auto line_left = [&](const std::vector<double>& errors) {
    return pixels_of(draw_scatter(paired_values(errors_of(errors))), grey);
  };
  CHECK(line_left({0, 0, 0, 0}) < line_left({-3, 3, -3, 3}));  // dots hide it
  CHECK(pixels_of(draw_scatter({"none", "", "a", "b", {}}), kBlue) == 0);
}

TEST_CASE("a box plot has a dot for each value beyond the whiskers") {
  const std::vector<double> near_zero{-1, -0.5, 0, 0.5, 1};
  const auto dots = [&](double last) {
    auto values = near_zero;
    values.push_back(last);
    return pixels_of(draw_boxes("errors", "deg", {{"SS", values}, {"none", {}}}), kBlue);
  };
  CHECK(dots(1.2) == 0);
  CHECK(dots(9) > 0);
  CHECK(draw_boxes("none", "deg", {}).size() == cv::Size(900, 600));
}

TEST_CASE("plots of raters are written for every pair, whatever their names") {
  const TempDir dir;
  std::vector<Reading> readings;
  for (int i = 0; i < 5; ++i) {
    const std::string film(1, static_cast<char>('a' + i));
    readings.push_back({film, "Dr. A/1", "1", "SS", 30.0 + i});
    readings.push_back({film, "李", "1", "SS", 31.0 + i});
    readings.push_back({film, "李", "2", "SS", 31.5 + i});
  }
  write_rater_pictures(dir.path(), compare_raters(readings));
  for (const char* name : {"bland_altman_SS_Dr__A_1_李.png", "scatter_SS_Dr__A_1_李.png",
                           "bland_altman_SS_李__1_李__2.png", "boxes_SS.png"}) {
    INFO(name);
    CHECK(fs::is_regular_file(dir / name));
  }
}

TEST_CASE("the worst studies are sorted, without those lacking a prediction") {
  MetricEvaluation metric = errors_of({1, -8, 3, 5});
  metric.pairs[3].predicted.reset();
  const auto worst = worst_studies(metric, 2);
  REQUIRE(worst.size() == 2);
  CHECK(worst[0].study == "study 1");
  CHECK(worst[1].study == "study 2");
  CHECK(worst_studies(metric, 10).size() == 3);
}

TEST_CASE("the gallery shows overlays, and grey tiles for missing ones") {
  const TempDir dir;
  fs::create_directories(dir / "study 0");
  write_image(dir / "study 0/overlay.png", cv::Mat(300, 200, CV_8UC3, kBlue));
  const MetricEvaluation metric = errors_of({9, 2});
  const cv::Mat sheet = draw_gallery(metric, worst_studies(metric, 10), dir.path());
  REQUIRE(sheet.size() == cv::Size(720, 520));
  CHECK(pixels_of(sheet.colRange(0, 360), kBlue) > 300 * 400);
  CHECK(pixels_of(sheet.colRange(360, 720), kBlue) == 0);
  CHECK(draw_gallery(metric, {}, dir.path()).empty());
}

TEST_CASE("plots of PT, SS, PI and LL are written if measured") {
  const TempDir dir;
  Evaluation evaluation;
  evaluation.metrics = {errors_of({1, 2})};
  write_pictures(dir.path(), evaluation, dir / "predictions");
  for (const char* name :
       {"bland_altman_SS.png", "scatter_SS.png", "errors_SS.png", "boxes.png", "worst_SS.png"}) {
    CHECK(fs::is_regular_file(dir / name));
  }
  CHECK_FALSE(fs::exists(dir / "errors_PT.png"));
}

TEST_CASE("risk-coverage curves are labelled") {
  RiskCoverage row{"SS", "deg", 10, {}, {}};
  row.mean_absolute = {5.5, 5, 4.5, 4, 3.5, 3};
  const cv::Mat one = draw_risk_coverage({row});
  CHECK(one.size() == cv::Size(900, 600));
  const cv::Scalar red(50, 50, 200);
  CHECK(pixels_of(one, red) > 500);
  row.name = "LL";
  CHECK(pixels_of(draw_risk_coverage({row, row}), kBlue) > 500);
  CHECK(pixels_of(draw_risk_coverage({}), red) == 0);
}
