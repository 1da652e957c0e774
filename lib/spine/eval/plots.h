#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/eval/evaluate.h"
#include "spine/eval/raters.h"
#include "spine/eval/risk_coverage.h"

namespace spine {

/// Values of the same cases by two: truth and a prediction, or two readers.
struct PairedValues {
  std::string title, unit;  ///< the unit may be empty
  std::string first_name, second_name;
  std::vector<std::pair<double, double>> pairs;
};

/// Of the studies that were completed.
PairedValues paired_values(const MetricEvaluation& metric);
/// @param row  of two raters or sessions
PairedValues paired_values(const RaterAgreement& row);

// Pictures are CV_8UC3, 900 x 600; without values only the frame.

/// Differences (second - first) over the means of both, with bias and limits of agreement where
/// there are enough (Bland & Altman 1986).
cv::Mat draw_bland_altman(const PairedValues& values);

/// The second over the first, with the line on which both are equal.
cv::Mat draw_scatter(const PairedValues& values);

/// How many studies have which difference (predicted - truth).
cv::Mat draw_error_histogram(const MetricEvaluation& metric);

/// Values of one box of a box plot.
struct BoxValues {
  std::string name;
  std::vector<double> values;
};

/// One box plot (Tukey 1977) beside the other, with zero in sight.
cv::Mat draw_boxes(const std::string& title, const std::string& y_name,
                   const std::vector<BoxValues>& boxes);

/// A study and how far one of its measurements is off.
struct StudyError {
  std::string study;
  ValuePair pair;
};

/// The studies with the largest absolute errors, worst first; those without a prediction are left
/// out, as they have no error.
std::vector<StudyError> worst_studies(const MetricEvaluation& metric, std::size_t count);

/// Overlays (PREDICTIONS/<study>/overlay.png) side by side, five a row, each with its error.
/// Where there is no overlay that can be read the tile stays grey. CV_8UC3; empty without studies.
cv::Mat draw_gallery(const MetricEvaluation& metric, const std::vector<StudyError>& studies,
                     const std::filesystem::path& predictions);

/// Mean absolute errors over the share of films that is kept, with those that could be had at best.
cv::Mat draw_risk_coverage(const std::vector<RiskCoverage>& rows);

/// bland_altman_<name>.png, scatter_<name>.png, errors_<name>.png and worst_<name>.png (ten
/// studies) of PT, SS, PI and LL, boxes.png of their errors, and risk_coverage.png where there are
/// standard errors, in a folder that exists. @throws Error(output).
void write_pictures(const std::filesystem::path& folder, const Evaluation& evaluation,
                    const std::filesystem::path& predictions);

/// bland_altman_<parameter>_<one>_<other>.png and scatter_... of every two raters or sessions, and
/// boxes_<parameter>.png of their differences, in a folder that exists. @throws Error(output).
void write_rater_pictures(const std::filesystem::path& folder,
                          const std::vector<RaterAgreement>& rows);

}  // namespace spine
