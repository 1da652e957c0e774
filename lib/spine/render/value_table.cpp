#include "spine/render/value_table.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "spine/render/angle_constructions.h"

namespace spine {
namespace {

constexpr double kHeight = 15, kRowHeight = 26, kPadding = 12;  // of a film of 1,600 px diagonal

struct TableRow {
  std::string name, value;
  cv::Scalar color;
};

std::vector<TableRow> table_rows(const Measurements& measurements) {
  std::vector<TableRow> rows;
  const auto add = [&](const std::string& title, const Measurement* m, const cv::Scalar& color) {
    rows.push_back({title, value_text(m), m != nullptr && m->value ? color : kGrey});
  };
  add("PI", measurements.find("PI"), kPiColor);
  add("PT", measurements.find("PT"), kPtColor);
  add("SS", measurements.find("SS"), kSsColor);
  add("LL", measurements.find("LL"), kLlColor);
  add("PI-LL", measurements.find("PI_LL"), kWhite);
  for (const auto& m : measurements.values) {
    const std::string prefix = "angle_";
    if (m.name.starts_with(prefix)) add(m.name.substr(prefix.size()), &m, kWhite);
  }
  constexpr std::size_t kMostFlags = 3;
  for (std::size_t i = 0; i < std::min(kMostFlags, measurements.qc.size()); ++i) {
    rows.push_back({"! " + measurements.qc[i], "", kWarning});
  }
  return rows;
}

/// Amount of content in a part of the film: edges, and above all drawn elements.
double content(const cv::Mat& film, const cv::Mat& image) {
  constexpr int kReduce = 8;
  constexpr double kDrawnWeight = 20;
  const cv::Size small(std::max(1, film.cols / kReduce), std::max(1, film.rows / kReduce));
  cv::Mat small_film, small_image, drawn;
  cv::resize(film, small_film, small, 0, 0, cv::INTER_AREA);
  cv::resize(image, small_image, small, 0, 0, cv::INTER_AREA);
  cv::Mat channels[3];
  cv::split(small_image, channels);
  cv::absdiff(channels[0], channels[2], drawn);  // drawn elements are coloured, the film is grey
  cv::Scalar mean, deviation;
  cv::meanStdDev(small_film, mean, deviation);
  return deviation[0] + mean[0] / 4 + kDrawnWeight * cv::mean(drawn)[0];
}

/// Size of the table, px.
cv::Size table_size(const Canvas& canvas, const std::vector<TableRow>& rows, double row_height,
                    cv::Size film) {
  double name_width = 0;
  double value_width = 0;
  for (const auto& row : rows) {
    const double width = canvas.text_size(row.name, kHeight).width;
    if (!row.value.empty()) name_width = std::max(name_width, width);
    value_width = std::max(value_width, canvas.text_size(row.value, kHeight).width);
  }
  double width = name_width + canvas.px(18) + value_width;
  for (const auto& row : rows) width = std::max(width, canvas.text_size(row.name, kHeight).width);
  return {std::min(film.width, cvCeil(width + 2 * canvas.px(kPadding))),
          std::min(film.height,
                   cvCeil(row_height * static_cast<double>(rows.size()) + canvas.px(kPadding)))};
}

/// The corner with the least content; empty if the film is too small.
cv::Rect emptiest_corner(const cv::Mat& film8, const cv::Mat& image, cv::Size size, int margin) {
  cv::Rect best;
  double least = 0;
  for (const bool bottom : {false, true}) {
    for (const bool right : {false, true}) {
      cv::Rect box(right ? image.cols - size.width - margin : margin,
                   bottom ? image.rows - size.height - margin : margin, size.width, size.height);
      box &= cv::Rect(0, 0, image.cols, image.rows);
      if (box.empty()) continue;
      const double here = content(film8(box), image(box));
      if (best.empty() || here < least) {
        best = box;
        least = here;
      }
    }
  }
  return best;
}

}  // namespace

void draw_table(Canvas& canvas, const cv::Mat& film8, const Measurements& measurements) {
  const auto rows = table_rows(measurements);
  cv::Mat& image = canvas.image();
  const double row_height = std::max(canvas.px(kRowHeight), 13.0);
  const cv::Size size = table_size(canvas, rows, row_height, image.size());
  const cv::Rect best = emptiest_corner(film8, image, size, canvas.width(10));
  if (best.empty()) return;
  cv::Mat panel = image(best);
  panel.convertTo(panel, -1, 0.28, 6);
  double base = best.y + canvas.px(kPadding) / 2 + (row_height + canvas.px(kHeight)) / 2;
  for (const auto& row : rows) {
    const double left = best.x + canvas.px(kPadding);
    canvas.text(row.name, {left, base}, row.color, kHeight);
    const double shift =
        best.width - 2 * canvas.px(kPadding) - canvas.text_size(row.value, kHeight).width;
    if (!row.value.empty()) canvas.text(row.value, {left + shift, base}, row.color, kHeight);
    base += row_height;
  }
}

}  // namespace spine
