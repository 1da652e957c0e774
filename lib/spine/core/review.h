#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "spine/core/measurements.h"

// Which results a person should look at, and why.
namespace spine {

enum class Verdict {
  ok,       ///< every value is there, and nothing speaks against them
  review,   ///< every value is there, but something does
  missing,  ///< some values could not be given
};
/// "ok", "review", "missing".
std::string_view to_string(Verdict verdict);

struct Review {
  Verdict verdict = Verdict::ok;
  std::vector<std::string> reasons;  ///< why to look at it, also where values are missing
};

/// Judges a film by its flags and its values. Each flag of Measurements::qc is a reason, but those
/// that only tell what a value was made from ("one_head", "implant"). They are:
///   uncertain_{PI,PT,SS,LL}   the standard error is large (flag_uncertain)
///   implausible_{PI,PT,SS,LL} beyond what adults have been reported with
///   implausible_<structure>   a mask or body that cannot have this size or shape
///   unclear_<structure>       the direction of one of its endplates could not be told
///   order, level_gap          bodies overlap, or a level may have been passed over
///   column_leans              the film may have been turned, which moves PT and SS
///   levels_uncertain          the numbers may all be one too high or too low
///   cropped_<structure>       it lies at the film's edge
///   pi_mismatch, heads_far_apart, anterior_conflict, anterior_uncertain, implant_not_restored
///   pixel_shape_uncertain, orientation_uncertain, grey_uncertain
///                             a film's file contradicts itself (FilmInfo::flags)
Review review(const Measurements& measurements);

/// Adds "uncertain_<name>" for each of PI, PT, SS, LL whose standard error is beyond what nearly
/// all films of the simulator stay under: PT 1.5, SS and PI 4, LL 6 degrees.
void flag_uncertain(Measurements& measurements);

}  // namespace spine
