#pragma once
#include <optional>

#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/stages/segment/contour.h"

namespace spine {

/// Weighted votes on the anterior direction: positive for the right side of the film, negative for
/// the left. A vote is a horizontal offset in body sides, clamped to [-1, 1], times its weight.
struct AnteriorVotes {
  double sum = 0;
  int count = 0;
  /// @param offset_in_bodies  to the right, in sides of a vertebral body
  void add(double offset_in_bodies, double weight);
};

/// Votes from the sacrum behind L5, the femoral heads in front of the sacrum, and lumbar lordosis.
AnteriorVotes vote_anterior(const Regions& regions);

/// The anterior side by vote_anterior(); nullopt without votes or with a tie.
std::optional<Side> find_anterior(const MaskStack& masks);

/// Whether F2 is the more anterior head, by the masks' centroids; false if one is missing or the
/// anterior side cannot be determined. F1 is to be that head (structure.h).
bool heads_reversed(const MaskStack& masks);

}  // namespace spine
