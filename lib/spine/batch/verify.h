#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace spine::batch {

/// A difference between an output folder and its records.
struct Discrepancy {
  std::string where;  ///< a study, or a file of the run
  std::string what;
};

/// The result of verify_output().
struct Verification {
  std::size_t studies = 0;  ///< number of studies with results
  std::size_t files = 0;    ///< number of files whose hashes were compared
  std::vector<Discrepancy> found;
};

/// Verifies an output folder against run.json, or against the records of its shards if there is
/// none: hashes and counts of the tables, every study's files against the hashes in its record, its
/// row against its record, and folders without a row.
/// @throws Error(not_found) if there is no run record
Verification verify_output(const std::filesystem::path& output);

}  // namespace spine::batch
