#pragma once
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/stages/measure/measure.h"

namespace spine {

/// Gives each angle, length and percentage its standard error: landmarks' spreads, taken as
/// independent of each other, carried through measure() by central differences (the law of
/// propagation of uncertainty, JCGM 100:2008, 5.1.2). Where one head alone was found, the hip axis
/// lies half of the heads' usual distance from it. What depends on a landmark of unknown spread
/// gets none, and neither do grades, types, and what does not exist everywhere within those
/// spreads.
/// @param measurements  what measure() gave for the landmarks with these options
void add_standard_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                         const MeasureOptions& options, Measurements& measurements);

}  // namespace spine
