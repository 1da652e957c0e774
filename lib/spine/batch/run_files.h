#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/inputs.h"

namespace spine::batch {

/// The folder in OUT of films that were dropped on the page of spine-review. It is no study.
inline constexpr const char* kDroppedFilms = "films";

/// Paths of the files of a run in OUT. Shards of one batch may share a folder; their files are
/// "measurements.shard-1-of-4.csv" and so on.
struct RunFiles {
  std::filesystem::path record;      ///< run.json
  std::filesystem::path table;       ///< measurements.csv
  std::filesystem::path long_table;  ///< measurements_long.csv
  RunFiles(const std::filesystem::path& output, const Shard& shard);
  /// The shard of a run record, by its file name; nullopt for other file names.
  static std::optional<Shard> shard_of(const std::string& record_name);
  /// Removes temporary files of earlier runs that were killed while writing these files.
  void remove_temporaries() const;
};

/// The shards with a run record in a folder, sorted by count and index; run.json is {1, 1}.
std::vector<Shard> shards_in(const std::filesystem::path& output);

/// The files of all runs with a record in a folder: only run.json if it exists, otherwise those of
/// the shards in order.
std::vector<RunFiles> runs_in(const std::filesystem::path& output);

/// Hashes of the tables for run.json: {"measurements": SHA-256, "measurements_long": SHA-256}.
/// @throws Error(not_found) if one is missing
nlohmann::json table_hashes(const RunFiles& files);

/// The message for a truncated file that is rewritten: "output: FILE: ...".
std::string cut_off_line(const std::filesystem::path& file);

}  // namespace spine::batch
