#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "spine/core/measurements.h"

// Flags that indicate which results need manual review, and why.
namespace spine {

/// Stage that raises a flag. A command that starts from the results of an earlier one recomputes
/// the flags of its own stages and keeps those of the stages before.
enum class FlagSource {
  reading,      ///< reading the film; applies to all results of the film
  restoration,  ///< implant detection and inpainting; applies to all results of the film
  /// Network masks as a whole; not applicable to manually edited masks.
  segmentation,
  landmarks,  ///< locating landmarks in masks, or annotating them; stored with the landmarks
  values,     ///< measured values; always recomputed
};

/// A quality flag.
struct Flag {
  std::string_view name;
  FlagSource source;
  bool reason = true;  ///< true: the film needs manual review; false: informative only
};

/// All flags, in the order of Measurements::qc.
inline constexpr auto kFlags = std::to_array<Flag>({
    {"one_head", FlagSource::values, false},  // PT and PI have a larger standard error
    {"heads_far_apart", FlagSource::values},  // measure.h
    {"pi_mismatch", FlagSource::values},
    // Outside the range reported for adults.
    {"implausible_PI", FlagSource::values},
    {"implausible_PT", FlagSource::values},
    {"implausible_SS", FlagSource::values},
    {"implausible_LL", FlagSource::values},
    {"anterior_conflict", FlagSource::values},  // endplates or masks indicate the opposite side
    // Implausible size or shape of a mask or body.
    {"implausible_L1", FlagSource::values},
    {"implausible_L2", FlagSource::values},
    {"implausible_L3", FlagSource::values},
    {"implausible_L4", FlagSource::values},
    {"implausible_L5", FlagSource::values},
    {"implausible_S", FlagSource::landmarks},
    {"implausible_F1", FlagSource::landmarks},
    {"implausible_F2", FlagSource::landmarks},
    {"order", FlagSource::values},        // bodies overlap
    {"level_gap", FlagSource::values},    // a level may have been skipped
    {"upside_down", FlagSource::values},  // the lordosis is at the wrong end
    // The film may be rotated: PT and SS depend on its vertical.
    {"column_leans", FlagSource::values},
    // A body or S1 at the film's edge: the cut may be mistaken for an endplate.
    {"cropped_L1", FlagSource::values},
    {"cropped_L2", FlagSource::values},
    {"cropped_L3", FlagSource::values},
    {"cropped_L4", FlagSource::values},
    {"cropped_L5", FlagSource::values},
    {"cropped_S1", FlagSource::values},
    // A head at the film's edge. The circle still gives the centre unless uncertain_F1/F2 is
    // raised.
    {"cropped_F1", FlagSource::values, false},
    {"cropped_F2", FlagSource::values, false},
    {"uncertain_F1", FlagSource::values},
    {"uncertain_F2", FlagSource::values},
    {"anterior_uncertain", FlagSource::landmarks},
    {"levels_uncertain", FlagSource::segmentation},  // all levels may be shifted by one
    // The direction of an endplate could not be determined.
    {"unclear_L1", FlagSource::landmarks},
    {"unclear_L2", FlagSource::landmarks},
    {"unclear_L3", FlagSource::landmarks},
    {"unclear_L4", FlagSource::landmarks},
    {"unclear_L5", FlagSource::landmarks},
    {"unclear_S1", FlagSource::landmarks},
    // Found by the endplate network where it should lie, not by its outline.
    {"uncertain_L1", FlagSource::landmarks},
    {"uncertain_L2", FlagSource::landmarks},
    {"uncertain_L3", FlagSource::landmarks},
    {"uncertain_L4", FlagSource::landmarks},
    {"uncertain_L5", FlagSource::landmarks},
    {"uncertain_S1", FlagSource::landmarks},
    // Large standard error (flag_uncertain).
    {"uncertain_PI", FlagSource::values},
    {"uncertain_PT", FlagSource::values},
    {"uncertain_SS", FlagSource::values},
    {"uncertain_LL", FlagSource::values},
    {"implant", FlagSource::restoration, false},
    {"implant_not_restored", FlagSource::restoration},
    {"pixel_shape_uncertain", FlagSource::reading},  // non-square pixels would bias angles
    {"grey_uncertain", FlagSource::reading},  // the tags for grey values could not be applied
    {"orientation_uncertain", FlagSource::reading},  // orientation tag and image content disagree
});

/// Flag with this name; nullptr if unknown, such as one written by another version.
const Flag* find_flag(std::string_view name);
/// Whether a flag is a reason for review. True for unknown flags, so that none is lost.
bool is_reason(std::string_view name);
/// Whether a flag is raised by a stage before `stage`, so that results of `stage` keep it. True for
/// unknown flags, so that no reason for review is lost.
bool found_before(FlagSource stage, std::string_view name);
/// The subset of `flags` for which found_before() is true.
std::vector<std::string> flags_before(FlagSource stage, const std::vector<std::string>& flags);
/// Sorts by table order and removes duplicates; unknown flags come last.
void sort_flags(std::vector<std::string>& flags);

/// Overall assessment of a film's results.
enum class Verdict {
  ok,       ///< all values the film permits are present, no reason for review
  review,   ///< values are present, but there are reasons for review
  missing,  ///< some values are missing although the film shows the required structures
};
/// Name as written to files: "ok", "review", "missing".
std::string_view to_string(Verdict verdict);

/// A verdict with its reasons.
struct Assessment {
  Verdict verdict = Verdict::ok;
  /// Why the film needs review; may also be set when values are missing.
  std::vector<std::string> reasons;
};

/// Assesses a film by its flags (Flag::reason) and values. Values that need structures outside the
/// film (kNotInFilm) do not count as missing, unless no value is present at all.
Assessment assess(const Measurements& measurements);

/// Adds "uncertain_<name>" for each of PI, PT, SS and LL whose standard error exceeds the limit
/// that nearly all simulated films stay below: PT 1.5, SS and PI 8.1, LL 9.6 degrees.
void flag_uncertain(Measurements& measurements);

}  // namespace spine
