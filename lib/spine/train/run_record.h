#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::train {

/// The build that runs, as the build itself recorded it: a checkout may have moved on since.
struct BuildInfo {
  std::string version = "unknown";  ///< "0.1.0+abc1234"
  std::string commit = "unknown";   ///< its whole name
  bool dirty = false;               ///< built with changes that were not committed
};

/// How a run came about: command line, build (version, commit, dirty), date (UTC).
/// @param command_line  without paths, as the record is published with the weights
nlohmann::json run_record(const std::string& command_line, const BuildInfo& build = {});

/// The parts of training that led to the weights beside a training.json, oldest first: of each
/// command, commit, date and number of samples. Empty when there is no such file.
nlohmann::json training_parts(const std::filesystem::path& record_file);

}  // namespace spine::train
