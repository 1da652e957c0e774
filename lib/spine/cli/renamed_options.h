#pragma once
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace spine::cli {

/// A command line in which options, values and subcommands of the version before are called what
/// they are called now.
struct CurrentNames {
  std::vector<std::string> arguments;  ///< without the program's own name
  std::vector<std::string> notices;    ///< one line for each old name that was used
};

/// @param command  "spine-seg"
/// @param arguments  as given, without the program's own name
CurrentNames with_current_names(const std::string& command, std::vector<std::string> arguments);

/// Reads TOML files whose keys may be old names of options; adds a line to `notices` for each.
/// @param notices  outlives the reader
std::shared_ptr<CLI::Config> config_with_current_names(std::vector<std::string>& notices);

}  // namespace spine::cli
