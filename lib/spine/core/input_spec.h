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

}  // namespace spine
