#include "spine/review/report_plots.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace spine::review {
namespace {

/// A number with at most one decimal.
std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  std::string result = text;
  if (result.ends_with(".0")) result.erase(result.size() - 2);
  return result == "-0" ? "0" : result;
}

std::string line(double x1, double y1, double x2, double y2, const char* style) {
  return "<line class=\"" + std::string(style) + "\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) +
         "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) + "\"/>";
}

std::string rectangle(double x, double y, double width, double height, const char* style,
                      const std::string& title = "") {
  const std::string begin = "<rect class=\"" + std::string(style) + "\" x=\"" + number(x) +
                            "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
                            number(height) + "\"";
  return title.empty() ? begin + "/>" : begin + "><title>" + html(title) + "</title></rect>";
}

std::string words(double x, double y, const char* style, const std::string& text) {
  return "<text class=\"" + std::string(style) + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
         "\">" + html(text) + "</text>";
}

std::string svg(double width, double height, const std::string& label, const std::string& content) {
  return "<svg viewBox=\"0 0 " + number(width) + " " + number(height) +
         "\" role=\"img\" aria-label=\"" + html(label) + "\">" + content + "</svg>\n";
}

/// A scale from values to pixels.
struct Axis {
  double from, to;    // values
  double begin, end;  // pixels
  [[nodiscard]] double operator()(double value) const {
    return begin + (std::clamp(value, from, to) - from) / (to - from) * (end - begin);
  }
};

/// 1, 2 or 5 times a power of ten, so that there are at most `most` steps up to `top`.
double step_for(double top, int most) {
  double step = 1;
  for (int i = 0; top / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

std::string bins_of(const std::vector<double>& values, const ReportAngle& angle, const Axis& x,
                    double bottom, double top) {
  constexpr double kWidth = 5;  // degrees
  std::vector<std::size_t> counts(static_cast<std::size_t>((angle.to - angle.from) / kWidth));
  for (const double value : values) {
    const double bin = std::floor((value - angle.from) / kWidth);
    ++counts[static_cast<std::size_t>(
        std::clamp(bin, 0.0, static_cast<double>(counts.size()) - 1))];
  }
  const auto most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  const double step = step_for(most, 4);
  const double ceiling = std::max(step, std::ceil(most / step) * step);
  const Axis y{0, ceiling, bottom, top};
  std::string content;
  for (double tick = 0; tick <= ceiling; tick += step) {
    content += line(x.begin, y(tick), x.end, y(tick), "grid");
    content += words(x.begin - 6, y(tick) + 4, "tick end", number(tick));
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double low = angle.from + kWidth * static_cast<double>(i);
    const double height = bottom - y(static_cast<double>(counts[i]));
    content +=
        rectangle(x(low) + 0.5, bottom - height, x(low + kWidth) - x(low) - 1, height, "bar",
                  number(low) + "–" + number(low + kWidth) + "°: " + std::to_string(counts[i]));
  }
  return content;
}

std::string dots(const std::vector<PlotPoint>& points, bool review, const Axis& x, const Axis& y) {
  std::string path;
  for (const PlotPoint& point : points) {
    if (point.review == review)
      path += "M" + number(x(point.pi)) + " " + number(y(point.ll)) + "h0";
  }
  return std::string("<path class=\"dots ") + (review ? "review" : "ok") + "\" d=\"" + path +
         "\"/>";
}

/// A disc, or a diamond for studies with a reason for review.
std::string mark(const PlotPoint& point, const Axis& x, const Axis& y) {
  const double cx = x(point.pi), cy = y(point.ll);
  const std::string style =
      std::string(point.review ? "review" : "ok") + (point.edited ? " edited" : "");
  const std::string shape = point.review ? "<path d=\"M" + number(cx) + " " + number(cy - 5) +
                                               "l5 5-5 5-5-5z\" class=\"" + style + "\">"
                                         : "<circle cx=\"" + number(cx) + "\" cy=\"" + number(cy) +
                                               "\" r=\"3.5\" class=\"" + style + "\">";
  return "<a href=\"" + html(point.href) + "\" tabindex=\"-1\">" + shape + "<title>" +
         html(point.label) + "</title>" + (point.review ? "</path>" : "</circle>") + "</a>";
}

/// The part of the plane in which PI - LL is between two values, as a polygon clipped by the axes.
std::string band(const Axis& x, const Axis& y, double most, double least, const char* style) {
  std::string points;
  const auto add = [&](double pi, double ll) {
    points += number(x(pi)) + "," + number(y(ll)) + " ";
  };
  for (double pi = x.from; pi <= x.to; pi += 1) add(pi, pi - least);
  for (double pi = x.to; pi >= x.from; pi -= 1) add(pi, pi - most);
  points.pop_back();
  return "<polygon class=\"" + std::string(style) + "\" points=\"" + points + "\"/>";
}

}  // namespace

const std::vector<ReportAngle>& report_angles() {
  static const std::vector<ReportAngle> angles{{"PT", 0, 27, -20, 60},
                                               {"SS", 24, 55, -10, 80},
                                               {"PI", 32, 74, 10, 110},
                                               {"LL", 60.9 - 24, 60.9 + 24, -20, 110}};
  return angles;
}

Spread spread_of(const std::vector<double>& values, const ReportAngle& angle) {
  Spread spread;
  spread.count = values.size();
  if (values.empty()) return spread;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) {
    spread.mean += value / n;
    spread.outside += value < angle.low || value > angle.high;
  }
  for (const double value : values) spread.sd += (value - spread.mean) * (value - spread.mean);
  spread.sd = values.size() < 2 ? 0 : std::sqrt(spread.sd / (n - 1));
  return spread;
}

std::string histogram(const std::vector<double>& values, const ReportAngle& angle,
                      const Texts& texts) {
  constexpr double kWidth = 440, kHeight = 210, kTop = 12, kBottom = 176;
  const Axis x{angle.from, angle.to, 40, kWidth - 20};
  std::string content =
      rectangle(x(angle.low), kTop, x(angle.high) - x(angle.low), kBottom - kTop, "norm");
  content += bins_of(values, angle, x, kBottom, kTop);
  const double middle = (angle.low + angle.high) / 2;
  content += line(x(middle), kTop, x(middle), kBottom, "norm-mean");
  content += line(x.begin, kBottom, x.end, kBottom, "axis");
  for (double tick = angle.from; tick <= angle.to; tick += 20) {
    content += line(x(tick), kBottom, x(tick), kBottom + 4, "axis");
    content += words(x(tick), kBottom + 18, "tick", number(tick) + "°");
  }
  const std::string label(text_of(texts, std::string("histogram_") + angle.name));
  return svg(kWidth, kHeight, label, content);
}

std::string scatter(const std::vector<PlotPoint>& points, const Texts& texts) {
  constexpr std::size_t kMostLinks = 1000;
  constexpr double kWidth = 660, kHeight = 440, kTop = 12, kBottom = 392;
  const Axis x{10, 110, 56, kWidth - 104};
  const Axis y{-20, 110, kBottom, kTop};
  std::string content = band(x, y, 10, -10, "norm");
  for (double tick = -20; tick <= 110; tick += 20) {
    content += line(x.begin, y(tick), x.end, y(tick), "grid");
    content += words(x.begin - 8, y(tick) + 4, "tick end", number(tick) + "°");
  }
  for (double tick = 10; tick <= 110; tick += 10) {
    content += line(x(tick), kBottom, x(tick), kBottom + 4, "axis");
    content += words(x(tick), kBottom + 18, "tick", number(tick) + "°");
  }
  content += line(x.begin, kBottom, x.end, kBottom, "axis");
  content += line(x(10), y(10), x(110), y(110), "norm-mean");
  content += line(x(10), y(-10), x(110), y(90), "limit");
  content += words(x.end + 6, y(110) + 4, "tick begin", "PI − LL 0°");
  content += words(x.end + 6, y(90) + 4, "tick begin", "PI − LL 20°");
  content += words((x.begin + x.end) / 2, kBottom + 42, "label", "PI");
  content += "<text class=\"label\" transform=\"translate(14 " + number((kTop + kBottom) / 2) +
             ") rotate(-90)\">LL</text>";
  if (points.size() > kMostLinks) {
    content += dots(points, false, x, y) + dots(points, true, x, y);
  } else {
    for (const PlotPoint& point : points) content += mark(point, x, y);
  }
  return svg(kWidth, kHeight, std::string(text_of(texts, "scatter")), content);
}

}  // namespace spine::review
