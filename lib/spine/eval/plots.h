#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/eval/evaluate.h"
#include "spine/eval/kept.h"

namespace spine {

/// Differences (predicted - truth) over the means of both, with bias and limits of agreement
/// (Bland & Altman 1986). CV_8UC3, 900 x 600; without completed studies only the frame.
cv::Mat draw_bland_altman(const MetricEvaluation& metric);

/// How many studies have which difference (predicted - truth). CV_8UC3, 900 x 600.
cv::Mat draw_error_histogram(const MetricEvaluation& metric);

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
/// CV_8UC3, 900 x 600.
cv::Mat draw_kept(const std::vector<KeptErrors>& rows);

/// bland_altman_<name>.png, errors_<name>.png and worst_<name>.png (ten studies) of PT, SS, PI and
/// LL, and kept.png where there are standard errors, in a folder that exists. @throws
/// Error(output).
void write_pictures(const std::filesystem::path& folder, const Evaluation& evaluation,
                    const std::filesystem::path& predictions);

}  // namespace spine
