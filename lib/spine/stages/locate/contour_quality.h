#pragma once
#include <array>
#include <string>
#include <vector>

#include "spine/core/geometry.h"
#include "spine/core/landmark_uncertainty.h"
#include "spine/core/landmarks.h"
#include "spine/stages/segment/probability_masks.h"

// Uncertainty of landmarks, estimated from the quality of the predicted contours they are fitted
// to.
namespace spine {

/// Quality of the predicted contour near a landmark. Lengths are in units of the endplate's length
/// or of the head's radius.
struct ContourQuality {
  double width = 0;       ///< mean width over which the probability runs from 0 to 1
  double scatter = 0;     ///< root mean square distance of the outline from the landmark's line
  double coverage = 0;    ///< fraction of the endplate, or of the circle, with contour nearby
  double confidence = 0;  ///< Segmentation::confidence of the structure
};

/// Quality of the contour within 0.2 lengths of the endplate, between its ends.
/// @param endplate, outline  film pixels
/// @param confidence  Segmentation::confidence of the structure
ContourQuality endplate_contour_quality(const Endplate& endplate,
                                        const std::vector<OutlinePoint>& outline,
                                        double confidence);
/// Quality of the contour within 0.3 radii of the circle.
/// @param head, outline  film pixels
/// @param confidence  Segmentation::confidence of the structure
/// @param frame  of the film; with unequal pixel sides a circle is an ellipse in pixels
ContourQuality head_contour_quality(const FemoralHead& head,
                                    const std::vector<OutlinePoint>& outline, double confidence,
                                    const AnatomicalFrame& frame);

/// Kind of landmark; each kind has its own uncertainty rule.
enum class LandmarkKind { superior, inferior, sacral, head };
inline constexpr std::size_t kLandmarkKinds = 4;

/// One landmark with its contour quality: "L1.sup", "L1.inf", ... "S1.sup", "F1", "F2".
struct ScoredLandmark {
  std::string name;
  LandmarkKind kind = LandmarkKind::superior;
  ContourQuality quality;
};
/// Contour qualities of all landmarks that were found, in cranio-caudal order; heads in the order
/// of the landmarks. The contour of a head is that of F1 or F2, whichever centroid is nearer to it.
std::vector<ScoredLandmark> contour_qualities(const Landmarks& landmarks,
                                              const Segmentation& segmentation,
                                              const AnatomicalFrame& frame);

/// Features of a contour quality that a rule weights: 1, log width, log scatter,
/// log(1 - confidence), and 1 - coverage.
inline constexpr std::size_t kUncertaintyFeatures = 5;
using UncertaintyFeatures = std::array<double, kUncertaintyFeatures>;
UncertaintyFeatures uncertainty_features(const ContourQuality& quality);

/// Weights of the features in the logarithms of a landmark's three standard deviations. Endplates:
/// direction in degrees, midpoint along and across the endplate in endplate lengths. Heads: centre
/// in radii, the same weights three times.
using UncertaintyRule = std::array<UncertaintyFeatures, 3>;
/// Logarithm of one standard deviation: the weighted sum of the features.
double log_deviation(const UncertaintyFeatures& weights, const UncertaintyFeatures& features);

/// Standard deviations of landmarks by the default rules, which `spine-train uncertainty` fitted
/// (uncertainty_model.inc) to the results of spine-pipeline on the radiographs of `spine-simulate
/// --seed 2100000 --count 300 --implants 0.3 --anatomy-kind mixed`.
/// @param scored  result of contour_qualities()
LandmarkUncertainty default_uncertainty(const std::vector<ScoredLandmark>& scored);

}  // namespace spine
