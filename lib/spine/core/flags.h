#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "spine/core/measurements.h"

// Which results a person should look at, and why.
namespace spine {

/// What found a flag. A command that starts from the files of an earlier one finds anew what its
/// own stages find, and takes over what was found before them.
enum class FlagSource {
  reading,      ///< how the film was read; goes wherever the film's results go
  restoration,  ///< what stands in the film, and what was done about it; likewise
  /// The network's masks as a whole. Masks that a person changed are not the network's any more.
  segmentation,
  landmarks,  ///< locating landmarks in masks, or drawing them; they lie beside the landmarks
  values,     ///< what landmarks measure; always found anew
};

struct Flag {
  std::string_view name;
  FlagSource source;
  bool reason = true;  ///< to look at the film; else it only tells what a value was made from
};

/// Every flag there is, in the order in which Measurements::qc has them.
inline constexpr auto kFlags = std::to_array<Flag>({
    {"one_head", FlagSource::values, false},  // PT and PI are less certain
    {"heads_far_apart", FlagSource::values},  // measure.h
    {"pi_mismatch", FlagSource::values},
    // Beyond what adults have been reported with.
    {"implausible_PI", FlagSource::values},
    {"implausible_PT", FlagSource::values},
    {"implausible_SS", FlagSource::values},
    {"implausible_LL", FlagSource::values},
    {"anterior_conflict", FlagSource::values},  // endplates or masks point the other way
    // A mask or body that cannot have this size or shape.
    {"implausible_L1", FlagSource::values},
    {"implausible_L2", FlagSource::values},
    {"implausible_L3", FlagSource::values},
    {"implausible_L4", FlagSource::values},
    {"implausible_L5", FlagSource::values},
    {"implausible_S", FlagSource::landmarks},
    {"implausible_F1", FlagSource::landmarks},
    {"implausible_F2", FlagSource::landmarks},
    {"order", FlagSource::values},         // bodies overlap
    {"level_gap", FlagSource::values},     // a level may have been passed over
    {"upside_down", FlagSource::values},   // the lordosis is at the wrong end
    {"column_leans", FlagSource::values},  // the film may be turned: PT and SS need its vertical
    // A body or S1 at the film's edge, which then may pass for an endplate.
    {"cropped_L1", FlagSource::values},
    {"cropped_L2", FlagSource::values},
    {"cropped_L3", FlagSource::values},
    {"cropped_L4", FlagSource::values},
    {"cropped_L5", FlagSource::values},
    {"cropped_S1", FlagSource::values},
    // A head at the edge. Its circle shows where the centre is, unless it is uncertain.
    {"cropped_F1", FlagSource::values, false},
    {"cropped_F2", FlagSource::values, false},
    {"uncertain_F1", FlagSource::values},
    {"uncertain_F2", FlagSource::values},
    {"anterior_uncertain", FlagSource::landmarks},
    {"levels_uncertain", FlagSource::segmentation},  // all numbers may be one too high or too low
    // The direction of an endplate could not be told.
    {"unclear_L1", FlagSource::landmarks},
    {"unclear_L2", FlagSource::landmarks},
    {"unclear_L3", FlagSource::landmarks},
    {"unclear_L4", FlagSource::landmarks},
    {"unclear_L5", FlagSource::landmarks},
    {"unclear_S1", FlagSource::landmarks},
    // The standard error is large (flag_uncertain).
    {"uncertain_PI", FlagSource::values},
    {"uncertain_PT", FlagSource::values},
    {"uncertain_SS", FlagSource::values},
    {"uncertain_LL", FlagSource::values},
    {"implant", FlagSource::restoration, false},
    {"implant_not_restored", FlagSource::restoration},
    {"pixel_shape_uncertain", FlagSource::reading},  // angles are off where pixels are not square
    {"grey_uncertain", FlagSource::reading},         // grey values are not those of the tags
    {"orientation_uncertain", FlagSource::reading},  // tags and picture disagree about what is up
});

/// The flag of that name; nullptr for one that is not in the table, as of another version.
const Flag* find_flag(std::string_view name);
/// Whether it was found before a stage, so that the stage's results keep it. Unknown ones always
/// were: nothing is lost that may be a reason to look.
bool found_before(FlagSource stage, std::string_view name);
/// Those of `flags` that were found before a stage.
std::vector<std::string> flags_before(FlagSource stage, const std::vector<std::string>& flags);
/// Each flag once, in the table's order, unknown ones last.
void sort_flags(std::vector<std::string>& flags);

enum class Verdict {
  ok,       ///< every value is there that the film shows, and nothing speaks against them
  review,   ///< they are there, but something speaks against them
  missing,  ///< some values could not be given though the film shows what they need
};
/// "ok", "review", "missing".
std::string_view to_string(Verdict verdict);

struct Review {
  Verdict verdict = Verdict::ok;
  std::vector<std::string> reasons;  ///< why to look at it, also where values are missing
};

/// Judges a film by its flags (Flag::reason) and its values. Values of what lies beyond the film
/// (kNotInFilm) are not missing, unless there is no value at all.
Review review(const Measurements& measurements);

/// Adds "uncertain_<name>" for each of PI, PT, SS, LL whose standard error is beyond what nearly
/// all films of the simulator stay under: PT 1.5, SS and PI 4, LL 6 degrees.
void flag_uncertain(Measurements& measurements);

}  // namespace spine
