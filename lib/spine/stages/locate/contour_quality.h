#pragma once
#include <array>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/probability_masks.h"

// How far landmarks may be off, by how well the networks saw the outline that they come from.
namespace spine {

/// How well the outline near a landmark was seen. Lengths in the endplate's length or the head's
/// radius.
struct ContourQuality {
  double width = 0;       ///< mean width over which the probability runs from 0 to 1
  double scatter = 0;     ///< root mean square distance of the outline from the landmark's line
  double coverage = 0;    ///< share of the endplate, or of the circle, that has an outline near it
  double confidence = 0;  ///< Segmentation::confidence of the structure
};

/// The outline within 0.2 lengths of the endplate, between its ends.
ContourQuality endplate_contour_quality(const Endplate& endplate,
                                        const std::vector<OutlinePoint>& outline,
                                        double confidence);
/// The outline within 0.3 radii of the circle.
/// @param frame  of the film, on which a circle may be an ellipse
ContourQuality head_contour_quality(const FemoralHead& head,
                                    const std::vector<OutlinePoint>& outline, double confidence,
                                    const AnatomicalFrame& frame);

/// What kind of landmark a rule is for.
enum class LandmarkKind { superior, inferior, sacral, head };
inline constexpr std::size_t kLandmarkKinds = 4;

/// One landmark with its trust: "L1.sup", "L1.inf", ... "S1.sup", "F1", "F2".
struct ScoredLandmark {
  std::string name;
  LandmarkKind kind = LandmarkKind::superior;
  ContourQuality quality;
};
/// Of all landmarks that were found, from above; heads in the order of the landmarks. A head's
/// outline is the one of F1 and F2 whose middle is nearest to it.
std::vector<ScoredLandmark> contour_qualities(const Landmarks& landmarks,
                                              const Segmentation& segmentation,
                                              const AnatomicalFrame& frame);

/// Numbers of a trust that a rule weighs: 1, log width, log scatter, log(1 - confidence), and how
/// much is not covered.
inline constexpr std::size_t kUncertaintyFeatures = 5;
using UncertaintyFeatures = std::array<double, kUncertaintyFeatures>;
UncertaintyFeatures uncertainty_features(const ContourQuality& quality);

/// Logarithms of a landmark's standard deviations, as weighted sums of the features: turn in
/// degrees, shifts along and across in lengths; of a head the centre's in radii, thrice the same.
using UncertaintyRule = std::array<UncertaintyFeatures, 3>;
/// One of these sums.
double log_deviation(const UncertaintyFeatures& weights, const UncertaintyFeatures& features);

/// By the rules that `spine-train uncertainty` learned (uncertainty_model.inc) on what
/// spine-pipeline made of the films of `spine-simulate --seed 2100000 --count 300 --implants 0.3
/// --anatomy-kind mixed`.
/// @param trusted  of contour_qualities()
LandmarkUncertainty default_uncertainty(const std::vector<ScoredLandmark>& scored);

}  // namespace spine
