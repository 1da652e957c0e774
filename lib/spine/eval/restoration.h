#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace spine {

/// How a restored film compares with its twin, over the pixels that metal hid.
struct ImageSimilarity {
  double psnr_db = 0;  ///< peak signal-to-noise ratio; at most that of an error of one grey level
  double ssim = 0;     ///< structural similarity (Wang et al. 2004), square window of 7 pixels
};
/// @param a, b  CV_8UC1 or CV_16UC1, of one size and type
/// @param mask  CV_8UC1, not empty of pixels: where to compare
/// @throws Error(internal) when sizes or types differ, or the mask has no pixel
ImageSimilarity image_similarity(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask);

/// One restored film. The optional figures are there for films that show metal; a film without a
/// result counts as one on which nothing was found, and as not untouched.
struct RestorationComparison {
  std::string study;
  std::string error;                   ///< why it could not be compared; empty: it was
  bool implanted = false;              ///< the truth has metal
  std::optional<bool> changed;         ///< the film was taken for one with metal
  std::optional<bool> outside_intact;  ///< every pixel outside the found mask is the film's own
  std::optional<double> dice;          ///< found mask against true metal
  std::optional<double> recall;        ///< part of the true metal that was found
  std::optional<ImageSimilarity> film, restored;  ///< against the twin, over the true metal
};

/// Compares what spine-restore made of simulated films with the truth.
/// @param restored   <study>/{restored.png, implant_mask.png}
/// @param simulated  as spine-simulate --implants twins writes it: <study>.png and its twin, whose
///                   name lacks "-implant"; truth/<study>/implant_mask.png where there is metal.
///                   Every study of the truth is a row, those without a result with an error.
/// @throws Error(not_found) when a folder is missing or the truth holds no study.
std::vector<RestorationComparison> compare_restorations(const std::filesystem::path& restored,
                                                        const std::filesystem::path& simulated);

/// Whether some film could not be compared.
bool any_unreadable(const std::vector<RestorationComparison>& films);

/// Means over the films, counts, and the films that could not be compared.
std::string to_markdown(const std::vector<RestorationComparison>& films);
/// A row a film.
std::string to_csv(const std::vector<RestorationComparison>& films);

}  // namespace spine
