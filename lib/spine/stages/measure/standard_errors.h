#pragma once
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/stages/measure/measure.h"

namespace spine {

/// Adds the standard error of each angle, length and percentage: the standard deviations of the
/// landmarks, taken as independent, are propagated through measure() by central differences (law of
/// propagation of uncertainty, JCGM 100:2008, 5.1.2). With a single femoral head, the uncertain
/// position of the hip axis at half the usual distance between the heads is included. Values that
/// depend on a landmark of unknown standard deviation get none, nor do grades, types, and values
/// that are undefined within one standard deviation of a landmark.
/// @param options  as given to measure()
/// @param measurements  result of measure() for these landmarks and options; same units
void add_standard_errors(const Landmarks& landmarks, const LandmarkUncertainty& uncertainty,
                         const MeasureOptions& options, Measurements& measurements);

}  // namespace spine
