#pragma once
#include <optional>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/measurements.h"

namespace spine {

/// An endplate by name, for `--angle L2.sup:L4.inf`. Level 0..4 = L1..L5, 5 = S1 (sup only).
struct EndplateName {
  int level = 0;
  bool superior = true;
  /// "L2.sup", "S1.sup".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const EndplateName&, const EndplateName&) = default;
};

/// Two endplates, the upper one first.
struct AnglePair {
  EndplateName upper, lower;
  /// Parses "L2.sup:L4.inf" ("S1" is short for "S1.sup"). Endplates named from below upwards are
  /// put in order. @throws Error(usage) with the expected form.
  static AnglePair parse(const std::string& text);
  /// The measurement's name: "angle_L2.sup_L4.inf".
  [[nodiscard]] std::string name() const;
};

struct MeasureOptions {
  /// Of the film; without it lengths are in px and angles assume square pixels.
  std::optional<Spacing> spacing;
  std::vector<AnglePair> angles;  ///< chosen pairs, appended as "angle_L2.sup_L4.inf"
};

/// All parameters of clinical.md that this version gives, in this order:
///   PI PT SS LL PI_LL, L4_S1 LDI L1PA, segmental_L1_L2 ... segmental_L5_S1, wedge_L1 ... wedge_L5,
///   disc_angle_L1_L2 ... disc_angle_L5_S1, disc_height_L1_L2_{anterior,middle,posterior,mean} ...,
///   slip_L1_L2 ... slip_L5_S1, then the chosen pairs.
///
/// Angles in degrees, computed in millimetres (AnatomicalFrame), lordosis positive. Definitions:
///   SS  endplate to horizontal, PT hip axis–S1 midpoint to vertical, PI endplate's normal to
///       S1 midpoint–hip axis, each by itself (Legaye 1998; PMC6334400, table 1);
///   LL  L1 to S1 superior endplate (Cobb); LDI = 100 L4_S1 / LL (Yilgor 2017);
///   L1PA at the hip axis between L1's centre and S1's midpoint, positive with L1 in front;
///   disc height: anterior and posterior corner distances, distance of the midpoints, and area over
///       the mean length of the two endplates;
///   slip of the upper body's posterior wall along the lower endplate, percent of that endplate's
///       length, positive forwards (Meyerding).
/// The hip axis is the midpoint of both femoral heads; with one head it is that head's centre.
///
/// A value that cannot be given is nullopt with a status: "missing: L3, femoral heads",
/// "degenerate: S1" (ends coincide), "LL under 1 deg" (for LDI).
/// Flags: "pi_mismatch" (PI and PT + SS differ by over 0.1 degrees), "one_head",
/// "heads_far_apart" (over 2.25 radii: about 17.5 degrees of pelvic rotation, beyond which PI is
/// unreliable, PMID 27642817), "anterior_conflict" (endplates point the other way),
/// "implausible_{PI,PT,SS,LL}" (beyond what adults have been reported with).
Measurements measure(const Landmarks& landmarks, const MeasureOptions& options = {});

}  // namespace spine
