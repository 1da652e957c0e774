#pragma once
#include <string>
#include <vector>

namespace spine {

/// Input format of a network; recorded with its weights and applied at inference.
struct InputSpec {
  int size = 256;  ///< side of the square the film is letterboxed into, pixels
  /// One input plane each: "original", "clahe", "clahe2", "sharpen_clahe", "sharpen_clahe2",
  /// "stretch", "equal_hist" (PEN_6 is the first six; PECI-Net, Park et al. 2024).
  std::vector<std::string> views{"original",      "clahe",          "clahe2",
                                 "sharpen_clahe", "sharpen_clahe2", "stretch"};
  double mean = 0.5;  ///< planes in [0,1] are normalised as (v - mean) / std
  double std = 0.5;
};

/// Views of a named preprocessing: "identity" (the original alone), "clahe", "equal_hist" (one view
/// each), "pen_5" (PEN_6 without contrast stretching) and "pen_6".
/// @throws Error(usage) listing the known names
std::vector<std::string> preprocessing_views(const std::string& name);

}  // namespace spine
