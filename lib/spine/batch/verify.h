#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace spine::batch {

/// Something in an output folder that is not as its records say.
struct Discrepancy {
  std::string where;  ///< a study, or a file of the run
  std::string what;
};

struct Verification {
  std::size_t studies = 0;  ///< with results
  std::size_t files = 0;    ///< whose hashes were compared
  std::vector<Discrepancy> found;
};

/// Checks an output folder against run.json, or against the records of its shards where it has
/// none: the tables' hashes and counts, every study's files against the hashes in its record, its
/// row against its record, and folders that no row names.
/// @throws Error(not_found) when there is no record of a run
Verification verify_output(const std::filesystem::path& output);

}  // namespace spine::batch
