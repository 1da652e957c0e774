#pragma once
#include <string>
#include <vector>

namespace spine {

/// How a network wants its input; recorded with the weights and obeyed at inference.
struct InputSpec {
  int size = 256;  ///< side of the square the film is letter-boxed into, pixels
  /// One input plane each: "original", "clahe", "clahe2", "sharpen_clahe", "sharpen_clahe2",
  /// "stretch", "equal_hist" (PEN_6 is the first six; PECI-Net, Park et al. 2024).
  std::vector<std::string> views{"original",      "clahe",          "clahe2",
                                 "sharpen_clahe", "sharpen_clahe2", "stretch"};
  double mean = 0.5;  ///< planes in [0,1] become (v - mean) / std
  double std = 0.5;
};

/// Views by the name that tables give a preprocessing: "identity" (the original alone), "clahe",
/// "equal_hist" (one view each), "pen_5" (PEN_6 without contrast stretching) and "pen_6".
/// @throws Error(usage) naming the known ones.
std::vector<std::string> preprocessing_views(const std::string& name);
/// The reverse; empty for views without a name.
std::string preprocessing_name(const std::vector<std::string>& views);

}  // namespace spine
