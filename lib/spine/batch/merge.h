#pragma once
#include <cstddef>
#include <filesystem>

namespace spine::batch {

/// Joins what the shards of one batch wrote to a folder: measurements.csv and measurements_long.csv
/// as one run would have written them, row by row in the order of the studies, and run.json with
/// the sums of all counts and times.
/// @returns the number of studies
/// @throws Error(not_found) when there are no shards or one is missing, Error(usage) when they are
/// not parts of one batch (other inputs, options, weights or versions), one of them was
/// interrupted, or a study is missing or there twice. Error(output).
std::size_t merge_shards(const std::filesystem::path& output);

}  // namespace spine::batch
