#pragma once
#include <functional>
#include <optional>

namespace spine::cli {

/// Runs a subcommand of spine-pipeline on existing results: `merge`, `verify` or `keys`.
/// @returns the exit code; nullopt if the first argument is none of them
std::optional<int> run_maintenance(int argc, const char* const* argv);

}  // namespace spine::cli
