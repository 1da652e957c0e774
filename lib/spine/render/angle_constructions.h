#pragma once
#include <string>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/render/canvas.h"

namespace spine {

/// A value with its unit, or "n/a".
/// @param m  may be null
std::string value_text(const Measurement* m);

/// Draws construction lines and arcs of PI, PT, SS and LL, each with its value, as far as the
/// landmarks are there.
void draw_angle_constructions(Canvas& canvas, const Image& film, const Landmarks& landmarks,
                              const Measurements& measurements);

}  // namespace spine
