#pragma once
#include <cstddef>

#include "spine/batch/run_lock.h"

namespace spine::batch {

/// Joins what the shards of one batch wrote to a folder: measurements.csv and measurements_long.csv
/// as one run would have written them, row by row in the order of the studies, and run.json with
/// the sums of all counts and times.
/// @param request  how it asks for the folder, all of it
/// @returns the number of studies
/// @throws Error(not_found) when there are no shards or one is missing, Error(usage) when they are
/// not parts of one batch (other inputs, options, weights or versions), one of them was
/// interrupted, a study is missing or there twice, or a table or record of a study is damaged.
/// Error(output), also when a run is at work in the folder.
std::size_t merge_shards(const LockRequest& request);

}  // namespace spine::batch
