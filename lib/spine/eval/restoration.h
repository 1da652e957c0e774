#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

/// Similarity of a restored film to its twin without implants, over the pixels covered by implants.
struct ImageSimilarity {
  double psnr_db = 0;  ///< peak signal-to-noise ratio; at most that of an error of one grey level
  double ssim = 0;     ///< structural similarity (Wang et al. 2004), square window of 7 pixels
};
/// Computes the similarity of two images within a mask.
/// @param a, b  CV_8UC1 or CV_16UC1, of equal size and type
/// @param mask  CV_8UC1, not empty: pixels to compare
/// @throws Error(internal) if sizes or types differ, or the mask is empty
ImageSimilarity image_similarity(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask);

/// Evaluation of one restored film. The optional values are set for films with implants; a film
/// without a result counts as not detected and as modified.
struct RestorationComparison {
  std::string study;
  std::string error;                   ///< why it could not be compared; empty if it was
  bool implanted = false;              ///< the reference has implants
  std::optional<bool> changed;         ///< implants were detected
  std::optional<bool> outside_intact;  ///< all pixels outside the detected mask are unchanged
  std::optional<double> dice;          ///< detected mask against the true implant mask
  std::optional<double> recall;        ///< detected fraction of the true implant pixels
  /// Compared with the twin, over the true implants.
  std::optional<ImageSimilarity> film, restored;
};

/// Evaluates results of spine-restore on simulated films.
/// @param restored   `<study>/{restored.png, implant_mask.png}`
/// @param simulated  as written by spine-simulate --implants twins: `<study>.png` and its twin,
///                   named without "-implant"; `truth/<study>/implant_mask.png` for films with
///                   implants. Every study of the truth is a row; those without a result have an
///                   error.
/// @throws Error(not_found) if a folder is missing or the truth holds no study
std::vector<RestorationComparison> compare_restorations(const std::filesystem::path& restored,
                                                        const std::filesystem::path& simulated);

/// Whether any film could not be compared.
bool any_unreadable(const std::vector<RestorationComparison>& films);

/// Means over the films, counts, and the films that could not be compared, as Markdown.
std::string to_markdown(const std::vector<RestorationComparison>& films);
/// One row per film, as CSV.
std::string to_csv(const std::vector<RestorationComparison>& films);

}  // namespace spine
