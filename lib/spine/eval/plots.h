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

/// Paired values of the same cases: reference and prediction, or two raters.
struct PairedValues {
  std::string title, unit;  ///< unit may be empty
  std::string first_name, second_name;
  std::vector<std::pair<double, double>> pairs;
};

/// Pairs of the completed studies.
PairedValues paired_values(const MetricEvaluation& metric);
/// Pairs of two raters or sessions.
/// @param row  comparison of exactly two
PairedValues paired_values(const RaterAgreement& row);

// Plots are CV_8UC3, 900 x 600; without values only the frame is drawn.

/// Bland-Altman plot: differences (second - first) over means, with bias and limits of agreement if
/// there are enough values (Bland & Altman 1986).
cv::Mat draw_bland_altman(const PairedValues& values);

/// Scatter plot of second over first, with the line of identity.
cv::Mat draw_scatter(const PairedValues& values);

/// Histogram of the errors (predicted - truth).
cv::Mat draw_error_histogram(const MetricEvaluation& metric);

/// Values of one box of a box plot.
struct BoxValues {
  std::string name;
  std::vector<double> values;
};

/// Box plots (Tukey 1977) side by side; the y axis includes zero.
cv::Mat draw_boxes(const std::string& title, const std::string& y_name,
                   const std::vector<BoxValues>& boxes);

/// A study and the error of one of its measurements.
struct StudyError {
  std::string study;
  ValuePair pair;
};

/// The studies with the largest absolute errors in descending order; studies without a prediction
/// are excluded.
/// @param count  maximum number of studies
std::vector<StudyError> worst_studies(const MetricEvaluation& metric, std::size_t count);

/// Overlays (`PREDICTIONS/<study>/overlay.png`) in a grid with five columns, each with its error.
/// The tile of an unreadable overlay is grey. CV_8UC3; empty without studies.
cv::Mat draw_gallery(const MetricEvaluation& metric, const std::vector<StudyError>& studies,
                     const std::filesystem::path& predictions);

/// Risk-coverage curves: mean absolute error over the coverage, and the optimum (oracle) curve in
/// grey.
cv::Mat draw_risk_coverage(const std::vector<RiskCoverage>& rows);

/// Writes `bland_altman_<name>.png`, `scatter_<name>.png`, `errors_<name>.png` and
/// `worst_<name>.png` (ten studies) of PT, SS, PI and LL, boxes.png of their errors, and
/// risk_coverage.png if there are standard errors.
/// @param folder  must exist
/// @throws Error(output)
void write_pictures(const std::filesystem::path& folder, const Evaluation& evaluation,
                    const std::filesystem::path& predictions);

/// Writes `bland_altman_<parameter>_<one>_<other>.png` and scatter_... of every two raters or
/// sessions, and `boxes_<parameter>.png` of their differences.
/// @param folder  must exist
/// @throws Error(output)
void write_rater_pictures(const std::filesystem::path& folder,
                          const std::vector<RaterAgreement>& rows);

}  // namespace spine
