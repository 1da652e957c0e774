#pragma once
#include <functional>
#include <optional>

namespace spine::cli {

/// What spine-pipeline does when its first word is the name of a task on results that are there:
/// `merge`, `verify` or `keys`.
/// @returns the exit code; nullopt when the first word is none of them
std::optional<int> run_maintenance(int argc, const char* const* argv);

}  // namespace spine::cli
