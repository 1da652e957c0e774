#include "spine/eval/plot.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "spine/eval/moments.h"
#include "spine/eval/text_table.h"

namespace spine {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kLetters = 0.5;
const cv::Rect kField(80, 70, 700, 450);  // area between the axes

}  // namespace

void write_text_at(cv::Mat& image, const std::string& text, cv::Point at, Align align,
                   const cv::Scalar& color) {
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, kFont, kLetters, 1, &baseline);
  if (align == Align::center) at.x -= size.width / 2;
  if (align == Align::right) at.x -= size.width;
  cv::putText(image, text, {at.x, at.y + size.height / 2}, kFont, kLetters, color, 1, cv::LINE_AA);
}

Axis Axis::over(double low, double high, int most) {
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

int Axis::steps() const { return static_cast<int>(std::lround((high - low) / step)); }

std::string Axis::label(int i) const {
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
  const double value = at(i);
  return format_number(std::abs(value) < 1e-9 * step ? 0.0 : value, decimals);
}

Plot::Plot(const std::string& title, const Axis& x, const Axis& y, const std::string& y_name)
    : x_(x), y_(y), image_(600, 900, CV_8UC3, cv::Scalar::all(255)) {
  write_text_at(image_, title, {kField.x, 24}, Align::left);
  write_text_at(image_, y_name, {kField.x, 48}, Align::left);
  for (int i = 0; i <= y.steps(); ++i) {
    const int at = to_pixel({x.low, y.at(i)}).y;
    cv::line(image_, {kField.x, at}, {kField.br().x, at}, kFaint);
    write_text_at(image_, y.label(i), {kField.x - 10, at}, Align::right);
  }
  cv::rectangle(image_, kField, kInk);
}

Plot::Plot(const std::string& title, const Axis& x, const std::string& x_name, const Axis& y,
           const std::string& y_name)
    : Plot(title, x, y, y_name) {
  write_text_at(image_, x_name, {kField.x + kField.width, kField.br().y + 48}, Align::right);
  for (int i = 0; i <= x.steps(); ++i) {
    const int at = to_pixel({x.at(i), y.low}).x;
    cv::line(image_, {at, kField.y}, {at, kField.br().y}, kFaint);
    write_text_at(image_, x.label(i), {at, kField.br().y + 18}, Align::center);
  }
  cv::rectangle(image_, kField, kInk);
}

Plot::Plot(const std::string& title, const std::vector<std::string>& columns, const Axis& y,
           const std::string& y_name)
    : Plot(title, Axis{-0.5, static_cast<double>(columns.size()) - 0.5, 1}, y, y_name) {
  // Long names of many categories alternate between two lines.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const int lower = columns.size() > 4 && i % 2 == 1 ? 22 : 0;
    const int at = to_pixel({static_cast<double>(i), y.low}).x;
    write_text_at(image_, columns[i], {at, kField.br().y + 18 + lower}, Align::center);
  }
}

void Plot::dot(cv::Point2d value) {
  cv::circle(image_, to_pixel(value), 3, kBlue, cv::FILLED, cv::LINE_AA);
}

void Plot::course(const std::vector<cv::Point2d>& values, const cv::Scalar& color) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    cv::line(image_, to_pixel(values[i - 1]), to_pixel(values[i]), color, 2, cv::LINE_AA);
  }
}

void Plot::name(cv::Point2d end, const std::string& text, const cv::Scalar& color) {
  write_text_at(image_, text, to_pixel(end) + cv::Point(8, 0), Align::left, color);
}

void Plot::bar(double from, double to, double height) {
  const cv::Rect bar(to_pixel({from, height}), to_pixel({to, y_.low}));
  cv::rectangle(image_, bar, kBlue, cv::FILLED);
  cv::rectangle(image_, bar, cv::Scalar::all(255));
}

void Plot::level(double y, const std::string& name) {
  const cv::Point at = to_pixel({x_.high, y});
  cv::line(image_, {kField.x, at.y}, at, kRed, 1, cv::LINE_AA);
  write_text_at(image_, name, {at.x + 8, at.y - 9}, Align::left, kRed);
  write_text_at(image_, format_number(y, 2), {at.x + 8, at.y + 9}, Align::left, kRed);
}

void Plot::box(double x, const std::vector<double>& values) {
  constexpr double kHalfWidth = 0.22;
  if (values.empty()) return;
  const double low = percentile_of(values, 25).value_or(0);
  const double middle = percentile_of(values, 50).value_or(0);
  const double high = percentile_of(values, 75).value_or(0);
  const double reach = 1.5 * (high - low);
  double first = low, last = high;
  for (const double value : values) {
    if (value < low - reach || value > high + reach) {
      dot({x, value});
    } else {
      first = std::min(first, value);
      last = std::max(last, value);
    }
  }
  for (const auto& [from, to] : {std::pair{first, low}, std::pair{high, last}}) {
    cv::line(image_, to_pixel({x, from}), to_pixel({x, to}), kInk, 1, cv::LINE_AA);
  }
  for (const double end : {first, last}) {
    cv::line(image_, to_pixel({x - 0.5 * kHalfWidth, end}), to_pixel({x + 0.5 * kHalfWidth, end}),
             kInk, 1, cv::LINE_AA);
  }
  const cv::Rect box(to_pixel({x - kHalfWidth, high}), to_pixel({x + kHalfWidth, low}));
  cv::rectangle(image_, box, cv::Scalar(240, 215, 180), cv::FILLED);
  cv::rectangle(image_, box, kInk);
  cv::line(image_, to_pixel({x - kHalfWidth, middle}), to_pixel({x + kHalfWidth, middle}), kRed, 2);
}

cv::Point Plot::to_pixel(cv::Point2d value) const {
  const double x = (value.x - x_.low) / (x_.high - x_.low);
  const double y = (value.y - y_.low) / (y_.high - y_.low);
  return {kField.x + cvRound(x * kField.width), kField.br().y - cvRound(y * kField.height)};
}

}  // namespace spine
