#pragma once
#include "review/options.h"

#include "spine/util/display_names.h"

namespace spine::review {

/// Opens the results and writes what was asked for, or serves the page until it is interrupted.
/// @param names  placeholders for the paths of the command line
/// @returns the exit status
int run(CommandOptions options, const DisplayNames& names);

}  // namespace spine::review
