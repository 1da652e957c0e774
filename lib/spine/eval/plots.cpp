#include "spine/eval/plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/eval/text_table.h"
#include "spine/io/atomic_file.h"
#include "spine/io/image_io.h"
#include "spine/io/png_codec.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kLetters = 0.5;
const cv::Rect kField(80, 70, 700, 450);  // of a plot, between its axes
const cv::Scalar kInk(40, 40, 40);
const cv::Scalar kFaint(225, 225, 225);
const cv::Scalar kBlue(180, 110, 30);
const cv::Scalar kRed(50, 50, 200);

enum class Align { left, center, right };

void write_text_at(cv::Mat& image, const std::string& text, cv::Point at, Align align,
                   const cv::Scalar& color = kInk) {
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, kFont, kLetters, 1, &baseline);
  if (align == Align::center) at.x -= size.width / 2;
  if (align == Align::right) at.x -= size.width;
  cv::putText(image, text, {at.x, at.y + size.height / 2}, kFont, kLetters, color, 1, cv::LINE_AA);
}

/// A range of values with round steps.
struct Axis {
  double low = 0, high = 1, step = 1;

  /// Covers the values, with at most about `most` steps of 1, 2 or 5 times a power of ten.
  static Axis over(double low, double high, int most) {
    if (!(high > low)) {
      low -= 1;
      high += 1;
    }
    const double raw = (high - low) / most;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    double step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * power >= raw) step = factor * power;
    }
    return {std::floor(low / step) * step, std::ceil(high / step) * step, step};
  }
  [[nodiscard]] int steps() const { return static_cast<int>(std::lround((high - low) / step)); }
  [[nodiscard]] double at(int i) const { return low + i * step; }
  [[nodiscard]] std::string label(int i) const {
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
    const double value = at(i);
    return format_number(std::abs(value) < 1e-9 * step ? 0.0 : value, decimals);
  }
};

/// A plot with a title, a grid and named axes.
class Plot {
 public:
  Plot(const std::string& title, const Axis& x, const std::string& x_name, const Axis& y,
       const std::string& y_name)
      : x_(x), y_(y), image_(600, 900, CV_8UC3, cv::Scalar::all(255)) {
    write_text_at(image_, title, {kField.x, 24}, Align::left);
    write_text_at(image_, y_name, {kField.x, 48}, Align::left);
    write_text_at(image_, x_name, {kField.x + kField.width, kField.br().y + 48}, Align::right);
    for (int i = 0; i <= x.steps(); ++i) {
      const int at = to_pixel({x.at(i), y.low}).x;
      cv::line(image_, {at, kField.y}, {at, kField.br().y}, kFaint);
      write_text_at(image_, x.label(i), {at, kField.br().y + 18}, Align::center);
    }
    for (int i = 0; i <= y.steps(); ++i) {
      const int at = to_pixel({x.low, y.at(i)}).y;
      cv::line(image_, {kField.x, at}, {kField.br().x, at}, kFaint);
      write_text_at(image_, y.label(i), {kField.x - 10, at}, Align::right);
    }
    cv::rectangle(image_, kField, kInk);
  }

  void dot(cv::Point2d value) {
    cv::circle(image_, to_pixel(value), 3, kBlue, cv::FILLED, cv::LINE_AA);
  }
  void course(const std::vector<cv::Point2d>& values, const cv::Scalar& color) {
    for (std::size_t i = 1; i < values.size(); ++i) {
      cv::line(image_, to_pixel(values[i - 1]), to_pixel(values[i]), color, 2, cv::LINE_AA);
    }
  }
  /// A name beside the right end of a course.
  void name(cv::Point2d end, const std::string& text, const cv::Scalar& color) {
    write_text_at(image_, text, to_pixel(end) + cv::Point(8, 0), Align::left, color);
  }
  void bar(double from, double to, double height) {
    const cv::Rect bar(to_pixel({from, height}), to_pixel({to, y_.low}));
    cv::rectangle(image_, bar, kBlue, cv::FILLED);
    cv::rectangle(image_, bar, cv::Scalar::all(255));
  }
  /// A level line with its name and value at the right.
  void level(double y, const std::string& name) {
    const cv::Point at = to_pixel({x_.high, y});
    cv::line(image_, {kField.x, at.y}, at, kRed, 1, cv::LINE_AA);
    write_text_at(image_, name, {at.x + 8, at.y - 9}, Align::left, kRed);
    write_text_at(image_, format_number(y, 2), {at.x + 8, at.y + 9}, Align::left, kRed);
  }
  [[nodiscard]] const cv::Mat& image() const { return image_; }

 private:
  [[nodiscard]] cv::Point to_pixel(cv::Point2d value) const {
    const double x = (value.x - x_.low) / (x_.high - x_.low);
    const double y = (value.y - y_.low) / (y_.high - y_.low);
    return {kField.x + cvRound(x * kField.width), kField.br().y - cvRound(y * kField.height)};
  }

  Axis x_, y_;
  cv::Mat image_;
};

std::vector<cv::Point2d> means_and_differences(const MetricEvaluation& metric) {
  std::vector<cv::Point2d> points;
  for (const ValuePair& pair : metric.pairs) {
    if (!pair.predicted) continue;
    points.emplace_back(0.5 * (*pair.predicted + pair.truth), *pair.predicted - pair.truth);
  }
  return points;
}

std::string title_of(const MetricEvaluation& metric) {
  return metric.name + ": " + std::to_string(metric.stats.completed) + " of " +
         std::to_string(metric.stats.count) + " studies";
}

/// BGR; empty where there is none that can be read.
cv::Mat overlay_in(const fs::path& study) {
  const fs::path file = study / "overlay.png";
  try {
    const Raster raster = decode_png(read_file(file), file.string());
    if (raster.pixels.type() != CV_8UC3) return {};
    cv::Mat overlay;
    cv::cvtColor(raster.pixels, overlay, cv::COLOR_RGB2BGR);
    return overlay;
  } catch (const Error&) {
    return {};
  }
}

Axis axis_over(const std::vector<cv::Point2d>& points, double cv::Point2d::*coordinate,
               const std::array<double, 2>& also, int most) {
  double low = also[0];
  double high = also[1];
  for (const cv::Point2d& p : points) {
    low = std::min(low, p.*coordinate);
    high = std::max(high, p.*coordinate);
  }
  return Axis::over(low, high, most);
}

}  // namespace

cv::Mat draw_bland_altman(const MetricEvaluation& metric) {
  const auto points = means_and_differences(metric);
  const ErrorStats& stats = metric.stats;
  const double any = points.empty() ? 0 : points.front().x;
  Plot plot(title_of(metric), axis_over(points, &cv::Point2d::x, {any, any}, 8),
            "mean of predicted and truth, " + metric.unit,
            axis_over(points, &cv::Point2d::y, {stats.limit_low, stats.limit_high}, 8),
            "predicted - truth, " + metric.unit);
  for (const cv::Point2d& p : points) plot.dot(p);
  if (!points.empty()) {
    plot.level(stats.bias, "bias");
    plot.level(stats.limit_low, "-1.96 SD");
    plot.level(stats.limit_high, "+1.96 SD");
  }
  return plot.image();
}

cv::Mat draw_error_histogram(const MetricEvaluation& metric) {
  const auto points = means_and_differences(metric);
  constexpr int kBarsAStep = 4;
  const Axis x = axis_over(points, &cv::Point2d::y, {0, 0}, 10);
  const double width = x.step / kBarsAStep;
  std::vector<int> counts(static_cast<std::size_t>(kBarsAStep * x.steps()), 0);
  for (const cv::Point2d& p : points) {
    const auto bar = static_cast<std::size_t>((p.y - x.low) / width);
    ++counts[std::min(bar, counts.size() - 1)];
  }
  const int most = *std::max_element(counts.begin(), counts.end());
  Plot plot(title_of(metric), x, "predicted - truth, " + metric.unit,
            Axis::over(0, std::max(most, 5), 6), "studies");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = x.low + static_cast<double>(i) * width;
    if (counts[i] > 0) plot.bar(from, from + width, counts[i]);
  }
  return plot.image();
}

cv::Mat draw_kept(const std::vector<KeptErrors>& rows) {
  double most = 0;
  for (const KeptErrors& row : rows) {
    most = std::max(most, *std::max_element(row.mean_absolute.begin(), row.mean_absolute.end()));
  }
  Plot plot("mean absolute error of the surest films (grey: of the best)",
            Axis::over(100 * kKeptShares.back(), 100, 5), "films kept, %", Axis::over(0, most, 8),
            "deg");
  const std::array<cv::Scalar, 4> colors{kRed, kBlue, cv::Scalar(60, 140, 30),
                                         cv::Scalar(150, 40, 130)};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<cv::Point2d> kept, best;
    for (std::size_t i = 0; i < kKeptShares.size(); ++i) {
      kept.emplace_back(100 * kKeptShares[i], rows[r].mean_absolute[i]);
      best.emplace_back(100 * kKeptShares[i], rows[r].best[i]);
    }
    plot.course(best, cv::Scalar::all(190));
    plot.course(kept, colors[r % colors.size()]);
    plot.name(kept.front(), rows[r].name, colors[r % colors.size()]);
  }
  return plot.image();
}

std::vector<StudyError> worst_studies(const MetricEvaluation& metric, std::size_t count) {
  std::vector<StudyError> studies;
  for (std::size_t i = 0; i < metric.pairs.size(); ++i) {
    if (metric.pairs[i].predicted) studies.push_back({metric.studies[i], metric.pairs[i]});
  }
  const auto error = [](const StudyError& s) { return std::abs(*s.pair.predicted - s.pair.truth); };
  std::stable_sort(studies.begin(), studies.end(),
                   [&](const StudyError& a, const StudyError& b) { return error(a) > error(b); });
  studies.resize(std::min(count, studies.size()));
  return studies;
}

cv::Mat draw_gallery(const MetricEvaluation& metric, const std::vector<StudyError>& studies,
                     const fs::path& predictions) {
  constexpr int kColumns = 5;
  const cv::Size tile(360, 520);
  constexpr int kCaption = 44;
  if (studies.empty()) return {};
  const int count = static_cast<int>(studies.size());
  const int rows = (count + kColumns - 1) / kColumns;
  cv::Mat sheet(rows * tile.height, std::min(count, kColumns) * tile.width, CV_8UC3,
                cv::Scalar::all(255));
  for (int i = 0; i < count; ++i) {
    const StudyError& study = studies[static_cast<std::size_t>(i)];
    cv::Mat place =
        sheet(cv::Rect({(i % kColumns) * tile.width, (i / kColumns) * tile.height}, tile));
    write_text_at(place, study.study, {6, 12}, Align::left);
    write_text_at(place,
                  metric.name + " " + format_number(study.pair.predicted, 1) + ", truth " +
                      format_number(study.pair.truth, 1) + " " + metric.unit,
                  {6, 32}, Align::left, kRed);
    cv::Mat field = place(cv::Rect(4, kCaption, tile.width - 8, tile.height - kCaption - 4));
    field.setTo(kFaint);
    const cv::Mat overlay = overlay_in(predictions / study.study);
    if (overlay.empty()) continue;
    const double scale = std::min(static_cast<double>(field.cols) / overlay.cols,
                                  static_cast<double>(field.rows) / overlay.rows);
    cv::Mat small;
    cv::resize(overlay, small, {}, scale, scale, cv::INTER_AREA);
    const cv::Rect inside({0, 0}, small.size());
    small.copyTo(field(inside + cv::Point((field.cols - small.cols) / 2, 0)));
  }
  return sheet;
}

void write_pictures(const fs::path& folder, const Evaluation& evaluation,
                    const fs::path& predictions) {
  constexpr std::size_t kWorst = 10;
  const auto kept = errors_when_kept(evaluation);
  if (!kept.empty()) write_image(folder / "kept.png", draw_kept(kept));
  for (const auto& metric : evaluation.metrics) {
    static const std::vector<std::string> kShown{"PT", "SS", "PI", "LL"};
    if (std::find(kShown.begin(), kShown.end(), metric.name) == kShown.end()) continue;
    write_image(folder / ("bland_altman_" + metric.name + ".png"), draw_bland_altman(metric));
    write_image(folder / ("errors_" + metric.name + ".png"), draw_error_histogram(metric));
    const cv::Mat gallery = draw_gallery(metric, worst_studies(metric, kWorst), predictions);
    if (!gallery.empty()) write_image(folder / ("worst_" + metric.name + ".png"), gallery);
  }
}

}  // namespace spine
