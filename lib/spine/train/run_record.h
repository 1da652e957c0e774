#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::train {

/// How a run came about: command line, source commit, date (UTC). Absolute paths are cut to their
/// last part, as the record is published with the weights.
nlohmann::json run_record(int argc, const char* const* argv);

/// The parts of training that led to the weights beside a training.json, oldest first: of each
/// command, commit, date and number of samples. Empty when there is no such file.
nlohmann::json training_parts(const std::filesystem::path& record_file);

/// Commit that a git checkout stands at, or "unknown".
std::string checked_out_commit(const std::filesystem::path& source_folder);

}  // namespace spine::train
