#pragma once
#include <string>

#include <CLI/CLI.hpp>

#include "spine/cli/app.h"

// Manual pages and shell completions, generated from the option definitions.

namespace spine::cli {

/// A manual page of section 1, in the man macros.
std::string man_page(const CLI::App& app, const AppInfo& info);
/// Completion scripts for options and their fixed values; other arguments complete as files.
std::string bash_completion(const CLI::App& app, const AppInfo& info);
std::string zsh_completion(const CLI::App& app, const AppInfo& info);
std::string fish_completion(const CLI::App& app, const AppInfo& info);

/// Returns the text that `kind` names: "man", "bash", "zsh" or "fish".
/// @throws Error(usage) for another kind
std::string generated(const std::string& kind, const CLI::App& app, const AppInfo& info);

}  // namespace spine::cli
