#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "spine/util/display_names.h"

namespace spine::cli {

/// Type names of path options. Every path option must be declared with one of them:
/// `app.add_option("--film", ...)->type_name(kPath)`.
inline constexpr const char* kPath = "PATH";
/// A file, or a name in a manifest of weights.
inline constexpr const char* kNameOrPath = "NAME|PATH";

/// A parsed command line, in a form that may be printed, written and published.
struct ParsedOptions {
  /// The command and the given options, by their long names; values that may contain names are
  /// replaced by placeholders, as in {"spine-seg", "INPUT", "--output", "OUT", "--batch", "2"}.
  std::vector<std::string> command_line;
  /// As an object: {"INPUT": "INPUT", "output": "OUT", "batch": "2", "recursive": true}.
  nlohmann::json given = nlohmann::json::object();
  /// Placeholders for paths in messages; empty if identifiers are kept.
  DisplayNames names;

  /// The command line as text, separated by blanks.
  [[nodiscard]] std::string command_text() const;
};

/// Makes values of path options absolute during parsing, unless identifiers are kept, so that paths
/// in messages can be recognised (util/display_names.h). To be called after all options of the
/// command are declared.
void make_paths_absolute(CLI::App& app);

/// Whether --keep-identifiers was given, possibly in a configuration file.
bool keeps_identifiers(const CLI::App& app);

/// Collects the options of a command.
/// @param app  after parsing
ParsedOptions parsed_options(const CLI::App& app);

/// Makes a parser error printable, since it quotes the command line: each argument that is not an
/// option, a fixed choice or a small number becomes "argument N".
std::string without_arguments(const std::string& message, const CLI::App& app, int argc,
                              const char* const* argv);

}  // namespace spine::cli
