#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "spine/review/html.h"

namespace spine::review {

/// An angle of the report, with the range of adults without symptoms, degrees.
struct ReportAngle {
  const char* name;  ///< "PT"
  double low, high;  ///< published mean - 2 SD and + 2 SD
  double from, to;   ///< ends of the axis, multiples of 10; values beyond count to the last bar
};

/// PI, PT, SS (Mac-Thiong et al. 2011, Eur Spine J 20 Suppl 5:572, n = 709) and LL, L1 to S1
/// (PMC6334400), in the order PT, SS, PI, LL.
const std::vector<ReportAngle>& report_angles();

/// Mean, standard deviation and the number of values outside the published range.
struct Spread {
  std::size_t count = 0, outside = 0;
  double mean = 0, sd = 0;  ///< degrees; sd is 0 for fewer than two values
};
Spread spread_of(const std::vector<double>& values, const ReportAngle& angle);

/// A histogram as SVG, bars of 5 degrees above the published range. Colours and fonts are those of
/// the classes of report.css.
std::string histogram(const std::vector<double>& values, const ReportAngle& angle,
                      const Texts& texts);

/// A study in the plot of LL against PI.
struct PlotPoint {
  double pi, ll;      ///< degrees
  std::string href;   ///< address of the study's row, "#s-3"
  std::string label;  ///< shown on hovering
  bool review;        ///< status other than ok
  bool edited;        ///< a reader's values
};

/// LL against PI as SVG, with the band in which PI - LL is within 10 degrees and the line of 20
/// degrees (SRS-Schwab modifiers; Terran et al. 2013). Above 1,000 studies the points are dots
/// without links.
std::string scatter(const std::vector<PlotPoint>& points, const Texts& texts);

}  // namespace spine::review
