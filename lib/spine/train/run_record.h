#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::train {

/// Information on the running build, recorded at build time.
struct BuildInfo {
  std::string version = "unknown";  ///< "0.1.0+abc1234"
  std::string commit = "unknown";   ///< full hash
  bool dirty = false;               ///< built with uncommitted changes
};

/// Describes a run: command line, build (version, commit, dirty), date (UTC).
/// @param command_line  without paths, as the record is published with the weights
nlohmann::json run_record(const std::string& command_line, const BuildInfo& build = {});

/// The training runs that led to the weights beside a training.json, oldest first: command, commit,
/// date and number of samples of each. Empty if there is no such file.
nlohmann::json training_parts(const std::filesystem::path& record_file);

}  // namespace spine::train
