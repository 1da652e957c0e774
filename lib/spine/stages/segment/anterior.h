#pragma once
#include <optional>

#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/stages/segment/contour.h"

namespace spine {

/// Votes for the right side as the front; each hint is a horizontal offset over a body's side,
/// clamped, times its weight.
struct AnteriorVotes {
  double sum = 0;
  int count = 0;
  void add(double offset_in_bodies, double weight);
};
/// The hints: sacrum behind and below L5, heads in front of the sacrum, lordosis.
AnteriorVotes vote_anterior(const Regions& regions);

/// The side of the front by these votes. nullopt when nothing tells.
std::optional<Side> find_anterior(const MaskStack& masks);

}  // namespace spine
