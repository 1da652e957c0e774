#pragma once
#include <array>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/segment/soft_outline.h"

namespace spine {

/// Options of segment() and masks_from_probabilities().
struct SegmentOptions {
  double threshold = 0.5;     ///< on the probability, after upsampling to film resolution
  bool enforce_order = true;  ///< drop components that break the anatomical order
  /// Average with the probabilities of the mirrored film, equalised in the whole-film prediction;
  /// doubles the time.
  bool mirror_average = true;
  /// Raw network output, as in published code: the thresholded channels of a single whole-film
  /// prediction, without component selection, level labelling, refinement, head circles or
  /// averaging; F1 is the more anterior head here, too.
  bool raw_output = false;
};

/// Masks of one film with their confidence.
struct Segmentation {
  MaskStack masks;  ///< of the film's size
  /// Mean probability inside each mask, 0..1; 0 if empty.
  std::array<double, kStructureCount> confidence{};
  /// Each structure's outline by the network's probability, film pixels; empty where there is none.
  std::array<std::vector<OutlinePoint>, kStructureCount> outlines;
  std::vector<std::string> notes;  ///< changes by post-processing, one short sentence each
  /// Relative evidence for labels one level higher or lower, 0..1 (labelling_ambiguity,
  /// level_labelling.h); that of a single pass of segment() where it exceeds
  /// kMaxAmbiguityOfAPass.
  double labelling_ambiguity = 0;
  /// False for a film without a recognisable lateral lumbar spine; the masks are empty then.
  bool spine_found = false;
};

/// Exchanges F1 and F2.
void swap_heads(Segmentation& segmentation);

/// Masks from a network's probabilities: one plausible component per structure, in anatomical
/// order, brought to film resolution by cubic interpolation of the probability, then the threshold.
///
/// Vertebral bodies are found in the sum of the channels of L1–L5 and labelled together with the
/// sacrum (label_levels). Heads must lie below the lowest body; F1 is the more anterior one. A
/// spine is found when at least three of L1–L5 and S are found and their confidence averages 0.7 or
/// more.
///
/// @param probabilities  one CV_32FC1 plane per structure (kStructures' order) of the network's
///     square, values in [0,1]
/// @param box  how the film lies in that square
/// @throws Error(internal) for a wrong number, type or size of planes.
Segmentation masks_from_probabilities(const std::vector<cv::Mat>& probabilities,
                                      const Letterbox& box, const SegmentOptions& options);

/// The labelling ambiguity of these masks, without making them. Parameters and errors as above.
double labelling_ambiguity(const std::vector<cv::Mat>& probabilities, const Letterbox& box,
                           const SegmentOptions& options);

}  // namespace spine
