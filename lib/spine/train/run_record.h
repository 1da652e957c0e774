#pragma once
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace spine::train {

/// How a run came about: command line, source commit, date (UTC). Absolute paths are cut to their
/// last part, as the record is published with the weights.
nlohmann::json run_record(int argc, const char* const* argv);

/// Commit that a git checkout stands at, or "unknown".
std::string checked_out_commit(const std::filesystem::path& source_folder);

}  // namespace spine::train
