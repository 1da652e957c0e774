#pragma once
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace spine::cli {

/// A command line with options, values and subcommands of the previous version replaced by their
/// current names.
struct CurrentNames {
  std::vector<std::string> arguments;  ///< without the program's own name
  std::vector<std::string> notices;    ///< one line per old name used
};

/// Replaces old names.
/// @param command  "spine-seg"
/// @param arguments  as given, without the program's own name
CurrentNames with_current_names(const std::string& command, std::vector<std::string> arguments);

/// Creates a reader for TOML files whose keys may be old option names; appends a line to `notices`
/// for each.
/// @param notices  must outlive the reader
std::shared_ptr<CLI::Config> config_with_current_names(std::vector<std::string>& notices);

}  // namespace spine::cli
