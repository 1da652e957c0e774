#include "spine/eval/plots.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>

#include <opencv2/imgproc.hpp>

#include "spine/core/error.h"
#include "spine/eval/agreement.h"
#include "spine/eval/plot.h"
#include "spine/eval/text_table.h"
#include "spine/io/codecs/png_codec.h"
#include "spine/io/image_io.h"
#include "spine/util/atomic_file.h"

namespace spine {
namespace {

namespace fs = std::filesystem;

std::string in_unit(const std::string& unit) { return unit.empty() ? "" : ", " + unit; }

std::vector<cv::Point2d> means_and_differences(const PairedValues& values) {
  std::vector<cv::Point2d> points;
  for (const auto& [first, second] : values.pairs) {
    points.emplace_back(0.5 * (first + second), second - first);
  }
  return points;
}

std::vector<double> differences_of(const PairedValues& values) {
  std::vector<double> differences;
  for (const auto& [first, second] : values.pairs) differences.push_back(second - first);
  return differences;
}

std::string difference_name(const PairedValues& values) {
  return values.second_name + " - " + values.first_name + in_unit(values.unit);
}

std::string title_of(const MetricEvaluation& metric) {
  return metric.name + ": " + std::to_string(metric.stats.completed) + " of " +
         std::to_string(metric.stats.count) + " studies";
}

/// Replaces characters missing in OpenCV fonts by a dash.
std::string in_ascii(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) result += c;
    if (byte >= 0xC0) result += '-';  // first byte of a multi-byte character
  }
  return result;
}

/// A file name from arbitrary text; non-ASCII characters are kept.
std::string file_name_of(const std::string& name) {
  std::string result;
  for (const char c : name) {
    const bool safe = static_cast<unsigned char>(c) >= 0x80 ||
                      std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    result += safe ? c : '_';
  }
  return result;
}

/// BGR; empty if it cannot be read.
cv::Mat overlay_in(const fs::path& study) {
  const fs::path file = study / "overlay.png";
  try {
    const Raster raster = decode_png(read_file(file), file.string());
    if (raster.pixels.type() != CV_8UC3) return {};
    cv::Mat overlay;
    cv::cvtColor(raster.pixels, overlay, cv::COLOR_RGB2BGR);
    return overlay;
  } catch (const std::exception&) {
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

PairedValues paired_values(const MetricEvaluation& metric) {
  PairedValues values{title_of(metric), metric.unit, "truth", "predicted", {}};
  for (const ValuePair& pair : metric.pairs) {
    if (pair.predicted) values.pairs.emplace_back(pair.truth, *pair.predicted);
  }
  return values;
}

PairedValues paired_values(const RaterAgreement& row) {
  PairedValues values{row.parameter + ": " + row.who, "", row.first, row.second, row.readings};
  // OpenCV fonts are ASCII.
  for (std::string* text : {&values.title, &values.first_name, &values.second_name}) {
    *text = in_ascii(*text);
  }
  return values;
}

cv::Mat draw_bland_altman(const PairedValues& values) {
  const auto points = means_and_differences(values);
  std::vector<double> first, second;
  for (const auto& [a, b] : values.pairs) {
    first.push_back(a);
    second.push_back(b);
  }
  const auto limits = bland_altman_of(first, second);
  const double any = points.empty() ? 0 : points.front().x;
  const std::array<double, 2> levels =
      limits ? std::array{limits->limit_low.value, limits->limit_high.value} : std::array{0.0, 0.0};
  Plot plot(values.title, axis_over(points, &cv::Point2d::x, {any, any}, 8),
            "mean of " + values.first_name + " and " + values.second_name + in_unit(values.unit),
            axis_over(points, &cv::Point2d::y, levels, 8), difference_name(values));
  for (const cv::Point2d& p : points) plot.dot(p);
  if (limits) {
    plot.level(limits->bias.value, "bias");
    plot.level(limits->limit_low.value, "-1.96 SD");
    plot.level(limits->limit_high.value, "+1.96 SD");
  }
  return plot.image();
}

cv::Mat draw_scatter(const PairedValues& values) {
  std::vector<cv::Point2d> points;
  for (const auto& [first, second] : values.pairs) points.emplace_back(first, second);
  const double any = points.empty() ? 0 : points.front().x;
  double low = any, high = any;
  for (const cv::Point2d& p : points) {
    low = std::min({low, p.x, p.y});
    high = std::max({high, p.x, p.y});
  }
  const Axis axis = Axis::over(low, high, 8);
  Plot plot(values.title, axis, values.first_name + in_unit(values.unit), axis,
            values.second_name + in_unit(values.unit));
  plot.course({{axis.low, axis.low}, {axis.high, axis.high}}, cv::Scalar::all(190));
  for (const cv::Point2d& p : points) plot.dot(p);
  return plot.image();
}

cv::Mat draw_error_histogram(const MetricEvaluation& metric) {
  const PairedValues values = paired_values(metric);
  const auto points = means_and_differences(values);
  constexpr int kBarsAStep = 4;
  const Axis x = axis_over(points, &cv::Point2d::y, {0, 0}, 10);
  const double width = x.step / kBarsAStep;
  std::vector<int> counts(static_cast<std::size_t>(kBarsAStep * x.steps()), 0);
  for (const cv::Point2d& p : points) {
    const auto bar = static_cast<std::size_t>((p.y - x.low) / width);
    ++counts[std::min(bar, counts.size() - 1)];
  }
  const int most = *std::max_element(counts.begin(), counts.end());
  Plot plot(values.title, x, difference_name(values), Axis::over(0, std::max(most, 5), 6),
            "studies");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = x.low + static_cast<double>(i) * width;
    if (counts[i] > 0) plot.bar(from, from + width, counts[i]);
  }
  return plot.image();
}

cv::Mat draw_boxes(const std::string& title, const std::string& y_name,
                   const std::vector<BoxValues>& boxes) {
  double low = 0, high = 0;
  std::vector<std::string> names;
  for (const BoxValues& box : boxes) {
    names.push_back(box.name);
    for (const double value : box.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  Plot plot(title, names, Axis::over(low, high, 8), y_name);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    plot.box(static_cast<double>(i), boxes[i].values);
  }
  return plot.image();
}

cv::Mat draw_risk_coverage(const std::vector<RiskCoverage>& rows) {
  double most = 0;
  for (const RiskCoverage& row : rows) {
    most = std::max(most, *std::max_element(row.mean_absolute.begin(), row.mean_absolute.end()));
  }
  Plot plot("mean absolute error by coverage (grey: oracle)",
            Axis::over(100 * kCoverages.back(), 100, 5), "coverage, %", Axis::over(0, most, 8),
            "deg");
  const std::array<cv::Scalar, 4> colors{kRed, kBlue, cv::Scalar(60, 140, 30),
                                         cv::Scalar(150, 40, 130)};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::vector<cv::Point2d> kept, best;
    for (std::size_t i = 0; i < kCoverages.size(); ++i) {
      kept.emplace_back(100 * kCoverages[i], rows[r].mean_absolute[i]);
      best.emplace_back(100 * kCoverages[i], rows[r].best[i]);
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
    if (scale * std::min(overlay.cols, overlay.rows) < 1) continue;  // too thin to show
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
  const auto kept = risk_coverage(evaluation);
  if (!kept.empty()) write_image(folder / "risk_coverage.png", draw_risk_coverage(kept));
  std::vector<BoxValues> boxes;
  for (const auto& metric : evaluation.metrics) {
    static const std::vector<std::string> kShown{"PT", "SS", "PI", "LL"};
    if (std::find(kShown.begin(), kShown.end(), metric.name) == kShown.end()) continue;
    const PairedValues values = paired_values(metric);
    write_image(folder / ("bland_altman_" + metric.name + ".png"), draw_bland_altman(values));
    write_image(folder / ("scatter_" + metric.name + ".png"), draw_scatter(values));
    write_image(folder / ("errors_" + metric.name + ".png"), draw_error_histogram(metric));
    boxes.push_back({metric.name, differences_of(values)});
    const cv::Mat gallery = draw_gallery(metric, worst_studies(metric, kWorst), predictions);
    if (!gallery.empty()) write_image(folder / ("worst_" + metric.name + ".png"), gallery);
  }
  if (!boxes.empty()) {
    write_image(folder / "boxes.png", draw_boxes("errors", "predicted - truth, deg", boxes));
  }
}

void write_rater_pictures(const fs::path& folder, const std::vector<RaterAgreement>& rows) {
  std::vector<std::pair<std::string, std::vector<BoxValues>>> by_parameter;
  for (const RaterAgreement& row : rows) {
    if (row.raters != 2) continue;
    const PairedValues values = paired_values(row);
    const std::string name = file_name_of(row.parameter + "_" + row.first + "_" + row.second);
    write_image(folder / ("bland_altman_" + name + ".png"), draw_bland_altman(values));
    write_image(folder / ("scatter_" + name + ".png"), draw_scatter(values));
    if (by_parameter.empty() || by_parameter.back().first != row.parameter) {
      by_parameter.push_back({row.parameter, {}});
    }
    by_parameter.back().second.push_back({in_ascii(row.who), differences_of(values)});
  }
  for (const auto& [parameter, boxes] : by_parameter) {
    write_image(folder / ("boxes_" + file_name_of(parameter) + ".png"),
                draw_boxes(in_ascii(parameter), "second - first", boxes));
  }
}

}  // namespace spine
