#pragma once
#include "review/options.h"

#include "spine/review/cohort.h"
#include "spine/util/display_names.h"

namespace spine::review {

/// Whether tables or a report are asked for instead of a page.
inline bool writes_output(const CommandOptions& options) {
  return !options.export_table.empty() || !options.html.empty();
}

/// Writes the tables and the report that were asked for.
/// @param names  placeholders for the paths of the command line
/// @returns the exit status
int write_output(const Cohort& cohort, const CommandOptions& options, const DisplayNames& names);

}  // namespace spine::review
