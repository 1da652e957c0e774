#pragma once
#include <array>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "spine/core/mask_stack.h"
#include "spine/stages/preprocess/preprocess.h"
#include "spine/stages/segment/soft_outline.h"

namespace spine {

struct SegmentOptions {
  double threshold = 0.5;      ///< on the probability, after upsampling to film resolution
  bool enforce_order = true;   ///< drop components that break the anatomical order
  bool mirror_average = true;  ///< average with the mirrored film's probabilities: twice the time
  /// Each channel as it is after a single whole-film prediction, as published code shows them: no
  /// part is dropped, renamed, refined or rounded, and nothing is averaged.
  bool plain = false;
};

/// Masks of one film with their confidence.
struct Segmentation {
  MaskStack masks;
  std::array<double, kStructureCount>
      confidence{};  ///< mean probability inside the mask, 0 if empty
  /// Each structure's outline as the network saw it; empty where there is none.
  std::array<std::vector<OutlinePoint>, kStructureCount> outlines;
  std::vector<std::string> notes;  ///< what post-processing changed
  /// How much speaks for all bodies' being one level higher or lower (labelling_ambiguity,
  /// level_labelling.h).
  double labelling_ambiguity = 0;
  /// False: not a lateral lumbar film, or nothing to be seen in it. The masks are empty then.
  bool spine_found = false;
};

/// Masks from a network's probabilities: one plausible component per structure, in anatomical
/// order, brought to film resolution by cubic interpolation of the probability, then the threshold.
///
/// Bodies are found in the sum of the channels of L1–L5 and named together: of all ways to name one
/// body or none L1, L2 ... L5 and to take one sacrum or none, running down the column at plausible
/// distances and sizes, the one whose names hold most probability. Heads lie below L5; F1 is made
/// the more anterior one. A spine is found when at least three of L1–L5 and S are there, with a
/// mean probability of 0.7 on average.
///
/// @param probabilities  one CV_32FC1 plane per structure (kStructures' order) of the network's
///     square, values in [0,1]
/// @param box  how the film lies in that square
/// @throws Error(internal) for a wrong number, type or size of planes.
Segmentation masks_from_probabilities(const std::vector<cv::Mat>& probabilities,
                                      const Letterbox& box, const SegmentOptions& options);

}  // namespace spine
