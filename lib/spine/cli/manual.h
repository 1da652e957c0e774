#pragma once
#include <string>

#include <CLI/CLI.hpp>

#include "spine/cli/app.h"

// What tells a shell and its user of a command, made from the definitions of its options.

namespace spine::cli {

/// A page of section 1 in the man macros.
std::string man_page(const CLI::App& app, const AppInfo& info);
/// Completions of options and of their fixed values; other words are completed as files.
std::string bash_completion(const CLI::App& app, const AppInfo& info);
std::string zsh_completion(const CLI::App& app, const AppInfo& info);
std::string fish_completion(const CLI::App& app, const AppInfo& info);

/// Prints what `kind` names: "man", "bash", "zsh" or "fish".
/// @throws Error(usage) for another kind
std::string generated(const std::string& kind, const CLI::App& app, const AppInfo& info);

}  // namespace spine::cli
