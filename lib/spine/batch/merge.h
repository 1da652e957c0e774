#pragma once
#include <cstddef>

#include "spine/batch/run_lock.h"

namespace spine::batch {

/// Merges the results of the shards of one batch in a folder: measurements.csv and
/// measurements_long.csv as written by a single run, in the order of the studies, and run.json with
/// the sums of all counts and times.
/// @param request  lock request for the whole folder
/// @returns the number of studies
/// @throws Error(not_found) if there are no shards or one is missing; Error(usage) if they do not
/// belong to one batch (different inputs, options, weights or versions), one was interrupted, a
/// study is missing or duplicated, or a table or record of a study is damaged; Error(output), also
/// if a run is active in the folder
std::size_t merge_shards(const LockRequest& request);

}  // namespace spine::batch
