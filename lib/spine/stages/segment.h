#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/mask_stack.h"
#include "spine/infer/model.h"

namespace spine {

struct SegmentOptions {
  double threshold = 0.5;       ///< on the probability, after upsampling to film resolution
  bool enforce_order = true;    ///< drop components that break the anatomical order
  bool mirror_average = false;  ///< average with the mirrored film's probabilities
};

/// Masks of one film with what they are worth.
struct Segmentation {
  MaskStack masks;
  std::array<double, kStructureCount> confidence{};  ///< mean probability inside the mask, 0 if empty
  std::vector<std::string> notes;                    ///< what post-processing changed
  bool spine_found = false;  ///< false: not a lateral lumbar film, or nothing to be seen in it
};

/// PEN views -> network -> sigmoid -> probabilities at film resolution -> threshold -> one plausible
/// component per structure -> anatomical order. Never throws for a film without a spine.
std::vector<Segmentation> segment(std::span<const Image* const> films, Model& model,
                                  const SegmentOptions& options = {});

/// The same after the network: per-structure probabilities in the network's square (CV_32FC1).
struct Letterbox;
Segmentation masks_from_probabilities(const std::vector<cv::Mat>& probabilities,
                                      const Letterbox& box, const SegmentOptions& options);

}  // namespace spine
