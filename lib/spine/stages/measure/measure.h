#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"

namespace spine {

/// An endplate by its label, for `--angle L2.sup:L4.inf`. Level 0..4 = L1..L5, 5 = S1 (sup only).
struct EndplateName {
  std::size_t level = 0;
  bool superior = true;
  /// "L2.sup", "S1.sup".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const EndplateName&, const EndplateName&) = default;
};

/// Two endplates whose angle is measured, the cranial one first.
struct AnglePair {
  EndplateName upper, lower;
  /// Parses "L2.sup:L4.inf" ("S1" is short for "S1.sup"). Endplates in caudo-cranial order are
  /// swapped. @throws Error(usage) with the expected form.
  static AnglePair parse(const std::string& text);
  /// The measurement's name: "angle_L2.sup_L4.inf".
  [[nodiscard]] std::string name() const;
};

/// Options of measure().
struct MeasureOptions {
  /// Pixel spacing of the film; without it lengths are in px and angles assume square pixels.
  std::optional<Spacing> spacing;
  std::vector<AnglePair> angles;  ///< additional pairs, appended as "angle_L2.sup_L4.inf"
  /// Exposed field of the film (exposed_field), pixels; nullopt: the whole film.
  std::optional<cv::Rect> exposed = std::nullopt;
};

/// All parameters, in this order (definitions with formulas and sources: stages/README.md):
///   PI PT SS LL PI_LL, L4_S1 LDI L1PA, segmental_L1_L2 ... segmental_L5_S1, wedge_L1 ... wedge_L5,
///   disc_angle_L1_L2 ... disc_angle_L5_S1, disc_height_L1_L2_{anterior,middle,posterior,mean} ...,
///   slip_L1_L2 ... slip_L5_S1, meyerding_L1_L2 ... meyerding_L5_S1, schwab_PI_LL, schwab_PT,
///   roussouly, ideal_SS, ideal_LL, relative_SS, relative_LL, then the additional pairs.
///
/// Angles in degrees, computed in millimetres (AnatomicalFrame), lordosis positive. Definitions:
///   SS  endplate to horizontal, PT hip axis–S1 midpoint to vertical, PI endplate's normal to
///       S1 midpoint–hip axis, each computed independently (Legaye 1998; PMC6334400, table 1);
///   LL  L1 to S1 superior endplate (Cobb); LDI = 100 L4_S1 / LL (Yilgor 2017);
///   L1PA at the hip axis between L1's centre and S1's midpoint, positive with L1 in front;
///   disc height: anterior and posterior corner distances, distance of the midpoints, and area over
///       the mean length of the two endplates;
///   slip of the upper body's posterior wall along the lower endplate, percent of that endplate's
///       length, positive forwards; its Meyerding grade
///       (Koslosky 2020, 10.1097/CORR.0000000000001153) is 1 up to 25 %, 2 to 50 %, 3 to 75 %, 4 to
///       100 %, 5 beyond, and 0 under 5 % or backwards, which radiographs cannot distinguish from
///       none;
///   schwab_* modifiers 0, 1 (+), 2 (++): PI - LL under 10, 10 to 20, over 20 degrees; PT under 20,
///       20 to 30, over 30 degrees (Terran 2013);
///   roussouly type: SS over 45 degrees 4, from 35 on 3; under 35 the lordosis's apex decides: 1 at
///       L5's middle or below it, 2 above (Roussouly 2005, 10.1097/01.brs.0000152379.54463.65). The
///       apex is the most anterior of the middles of L1 to L5 and of their discs;
///   ideal_SS = 0.59 PI + 9, ideal_LL = 0.62 PI + 29 degrees, relative_* = measured - ideal: the
///       relative pelvic version and lumbar lordosis of the GAP score (Yilgor 2017).
/// The hip axis is the midpoint of both femoral heads; with one head it is that head's centre.
///
/// A value that cannot be computed is nullopt with a status: "missing: L3, femoral heads",
/// "degenerate: S1" (ends coincide), "LL under 1 deg" (for LDI); kNotInFilm where a required
/// structure lies outside the film (beyond_film), whatever else is missing.
/// Flags: "pi_mismatch" (PI and PT + SS differ by over 0.1 degrees), "one_head",
/// "heads_far_apart" (over 2.25 radii: about 17.5 degrees of pelvic rotation, beyond which PI is
/// unreliable, PMID 27642817), "anterior_conflict" (most endplates point the other way),
/// "implausible_{PI,PT,SS,LL}" (outside the range reported for adults), and those of
/// landmark_flags() (landmark_checks.h).
Measurements measure(const Landmarks& landmarks, const MeasureOptions& options = {});

}  // namespace spine
