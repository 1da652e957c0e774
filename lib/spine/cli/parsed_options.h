#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "spine/util/display_names.h"

namespace spine::cli {

/// Type names of options that hold paths. Every such option is declared with one of them:
/// `app.add_option("--film", ...)->type_name(kPath)`.
inline constexpr const char* kPath = "PATH";
/// A file, or a name that stands in a manifest of weights.
inline constexpr const char* kNameOrPath = "NAME|PATH";

/// A command line as it was understood, in words that may be printed, written and published.
struct ParsedOptions {
  /// The command and the options that were given, by their long names; one that may hold a name is
  /// called by its own, as in {"spine-seg", "INPUT", "--output", "OUT", "--batch", "2"}.
  std::vector<std::string> command_line;
  /// The same as an object: {"INPUT": "INPUT", "output": "OUT", "batch": "2", "recursive": true}.
  nlohmann::json given = nlohmann::json::object();
  /// What paths are called in messages; empty where identifiers are kept.
  DisplayNames names;

  /// The command line with blanks between its words.
  [[nodiscard]] std::string command_text() const;
};

/// Makes values of path options absolute while they are parsed, unless identifiers are kept: so
/// messages that hold them can be told from other words (core/display_names.h).
/// Call it once all options of the command are declared.
void make_paths_absolute(CLI::App& app);

/// Whether --keep-identifiers was given, also in a configuration file.
bool keeps_identifiers(const CLI::App& app);

/// @param app  after parsing
ParsedOptions parsed_options(const CLI::App& app);

/// What may be printed of an error of the parser, which repeats what was typed: each word of the
/// command line that is no option, no fixed choice and no small number becomes "argument N".
std::string without_arguments(const std::string& message, const CLI::App& app, int argc,
                              const char* const* argv);

}  // namespace spine::cli
