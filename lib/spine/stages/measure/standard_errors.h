#pragma once
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"
#include "spine/stages/measure/measure.h"

namespace spine {

/// The standard deviations of landmarks on real radiographs. Those that are predicted hold for
/// simulated radiographs; on real ones the directions of endplates lie further off, by 7 degrees
/// for S1 and 2 degrees for the others, added in quadrature: the smallest half degrees at which the
/// 90 % intervals hold a rater's directions of five endplates in six (24 radiographs,
/// weights/README.md).
[[nodiscard]] LandmarkUncertainty on_real_radiographs(LandmarkUncertainty predicted);

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
