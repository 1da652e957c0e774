#pragma once
#include "spine/core/mask_stack.h"
#include "spine/render/canvas.h"

namespace spine {

/// Tints the structures and draws their contours.
void draw_masks(Canvas& canvas, const MaskStack& masks);

}  // namespace spine
