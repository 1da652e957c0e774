#include "spine/cli/parsed_options.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <regex>
#include <string_view>

#include "spine/util/text.h"

namespace spine::cli {
namespace {

namespace fs = std::filesystem;

bool begins_with_type(const CLI::Option& option, std::string_view type) {
  const std::string name = option.get_type_name();
  return name.starts_with(type) && (name.size() == type.size() || name[type.size()] == ':');
}

bool is_path(const CLI::Option& option) { return begins_with_type(option, kPath); }
bool is_name_or_path(const CLI::Option& option) { return begins_with_type(option, kNameOrPath); }
bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

bool is_file(const std::string& value) {
  std::error_code ignored;
  return value.find('/') != std::string::npos || fs::path(value).extension() == ".safetensors" ||
         fs::exists(value, ignored);
}

/// Whether the parser has verified a value as a number or one of fixed choices.
bool is_checked(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  for (const char* number : {"INT", "UINT", "FLOAT", "BOOLEAN"}) {
    if (begins_with_type(option, number)) return true;
  }
  return type.starts_with("FLOAT in ") || type.find('{') != std::string::npos;
}

/// Whether a text is a short number, a shard, endplates or a keyword, and so cannot be a name.
bool is_harmless(const std::string& value) {
  static const std::regex harmless(
      R"([0-9.,+-]{1,6}|[0-9]{1,6}/[0-9]{1,6}|[A-Z][0-9]\.(sup|inf)(:[A-Z][0-9]\.(sup|inf))?|)"
      R"(auto|cpu|cuda(:[0-9]{1,3})?|default|none|always|never|twins|fp32|bf16|)"
      R"(implant|status|original|clahe)");
  return std::regex_match(value, harmless);
}

/// Registers a value that is not a path to be replaced by its option in messages.
void hide_word(const std::string& value, const std::string& name, DisplayNames& names) {
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!plain) return names.add_word(value, name);
  // It may also be a common word in messages.
  names.add_word("\"" + value + "\"", "\"" + name + "\"");
  names.add_word("got " + value, "got " + name);
}

std::string long_name(const CLI::Option& option) {
  if (!option.get_lnames().empty()) return option.get_lnames().front();
  return option.get_snames().empty() ? option.get_name(true) : option.get_snames().front();
}

/// "OUT" for --output, "PSEUDONYM_KEY" for --pseudonym-key.
std::string placeholder(const CLI::Option& option) {
  std::string name = long_name(option);
  if (name == "output") return "OUT";
  return upper_case(replace_all(name, "-", "_"));
}

void for_each_app(const CLI::App& app, const std::function<void(const CLI::App&)>& use) {
  use(app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    for_each_app(*sub, use);
  }
}

/// The values for display; adds their paths and words to `names`.
std::vector<std::string> display_values(const CLI::Option& option, bool keep, DisplayNames& names) {
  std::vector<std::string> values = option.results();
  if (keep || is_checked(option)) return values;
  const std::string name = placeholder(option);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string shown = values.size() == 1 ? name : name + "_" + std::to_string(i + 1);
    if (is_path(option) || (is_name_or_path(option) && is_file(values[i]))) {
      const bool own = name == "OUT";
      names.add(values[i], shown, own ? DisplayNames::Below::shown : DisplayNames::Below::hidden);
    } else if (is_harmless(values[i])) {
      continue;
    } else {
      hide_word(values[i], shown, names);
    }
    values[i] = shown;
  }
  return values;
}

void add_option(const CLI::Option& option, bool keep, ParsedOptions& parsed) {
  const bool named = !option.get_lnames().empty() || !option.get_snames().empty();
  const std::string dashes = option.get_lnames().empty() ? "-" : "--";
  const std::string name = long_name(option);
  if (is_flag(option)) {
    for (const auto& value : option.results()) {
      const bool off = value == "false" || value == "0" || value == "-1";
      if (!off || option.get_fnames().empty()) {
        parsed.command_line.push_back(dashes + name + (off ? "=false" : ""));
      } else {
        parsed.command_line.push_back("--" + option.get_fnames().front());
      }
      parsed.given[name] = !off;
    }
    return;
  }
  const auto values = display_values(option, keep, parsed.names);
  for (const auto& value : values) {
    if (named) parsed.command_line.push_back(dashes + name);
    parsed.command_line.push_back(value);
  }
  if (values.size() == 1) {
    parsed.given[name] = values.front();
  } else {
    parsed.given[name] = values;
  }
}

void add_parsed(const CLI::App& app, bool keep, ParsedOptions& parsed) {
  parsed.command_line.push_back(app.get_name());
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0) add_option(*option, keep, parsed);
  }
  for (const CLI::App* sub : app.get_subcommands()) add_parsed(*sub, keep, parsed);
}

/// Adds folders that messages may name without being given as options.
void add_surroundings(DisplayNames& names) {
  using Below = DisplayNames::Below;
  const auto add = [&names](const char* variable, const fs::path& part, Below below) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == 0) return;
    const fs::path name = std::string("$") + variable;
    const std::string shown = (part.empty() ? name : name / part).string();
    names.add(fs::path(value) / part, shown, below);
    if (fs::path(value).is_relative()) hide_word(value, shown, names);
  };
  add("SPINE_WEIGHTS_DIR", "", Below::shown);
  add("XDG_CONFIG_HOME", "spine", Below::shown);
  add("HOME", ".config/spine", Below::shown);
  for (const char* variable : {"XDG_CONFIG_HOME", "HOME", "TMPDIR"})
    add(variable, "", Below::hidden);
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (!error) names.add(here, ".");
}

/// The part of an argument that could be a name: for an option, its value.
std::string value_in(const std::string& word) {
  std::string value = word;
  if (word.starts_with("--")) {
    const auto equals = word.find('=');
    value = equals == std::string::npos ? "" : word.substr(equals + 1);
  } else if (word.size() > 1 && word[0] == '-' &&
             std::isalpha(static_cast<unsigned char>(word[1])) != 0) {
    value = word.substr(2);
  }
  return is_harmless(value) ? std::string() : value;
}

/// @param top  the command, which decides whether identifiers are kept
void make_absolute(const CLI::App& top, CLI::App& part) {
  for (CLI::Option* option : part.get_options()) {
    const bool any_word = is_name_or_path(*option);
    if (!any_word && !is_path(*option)) continue;
    option->transform([&top, any_word](const std::string& value) {
      if (value.empty() || (any_word && !is_file(value)) || keeps_identifiers(top)) return value;
      std::error_code error;
      const fs::path path = fs::absolute(value, error);
      return error ? value : path.string();
    });
  }
  for (CLI::App* sub : part.get_subcommands([](CLI::App*) { return true; })) {
    make_absolute(top, *sub);
  }
}

bool is_subcommand(const CLI::App& app, const std::string& word) {
  const auto subs =
      app.get_subcommands([&word](const CLI::App* sub) { return sub->get_name() == word; });
  return !subs.empty();
}

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Replaces the last delimited occurrence of a value: the parser quotes it at the end, and earlier
/// occurrences may be words of the message.
void replace_last(std::string& text, const std::string& value, const std::string& name) {
  for (auto at = text.rfind(value); at != std::string::npos;
       at = at == 0 ? std::string::npos : text.rfind(value, at - 1)) {
    const std::size_t end = at + value.size();
    const bool begins = at == 0 || !is_letter_or_digit(text[at - 1]);
    if (!begins || (end < text.size() && is_letter_or_digit(text[end]))) continue;
    text.replace(at, value.size(), name);
    return;
  }
}

}  // namespace

void make_paths_absolute(CLI::App& app) { make_absolute(app, app); }

bool keeps_identifiers(const CLI::App& app) {
  bool keep = false;
  for_each_app(app, [&keep](const CLI::App& part) {
    const CLI::Option* option = part.get_option_no_throw("--keep-identifiers");
    if (option == nullptr || option->count() == 0) return;
    const std::string value = option->results().back();
    keep = keep || (value != "false" && value != "0" && value != "off" && value != "no");
  });
  return keep;
}

ParsedOptions parsed_options(const CLI::App& app) {
  ParsedOptions parsed;
  const bool keep = keeps_identifiers(app);
  add_parsed(app, keep, parsed);
  if (!keep) add_surroundings(parsed.names);
  return parsed;
}

std::string ParsedOptions::command_text() const {
  std::string text;
  for (const auto& word : command_line) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string without_arguments(const std::string& message, const CLI::App& app, int argc,
                              const char* const* argv) {
  if (keeps_identifiers(app)) return message;
  DisplayNames paths, words;
  for_each_app(app, [&](const CLI::App& part) {
    for (const CLI::Option* option : part.get_options()) {
      if (is_flag(*option)) continue;
      for (const auto& value : option->results()) {
        if (is_path(*option)) paths.add(value, placeholder(*option));
        if (!is_harmless(value)) hide_word(value, placeholder(*option), words);
      }
    }
  });
  add_surroundings(paths);
  std::string shown = paths(message);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (is_subcommand(app, word)) continue;
    const std::string name = "argument " + std::to_string(i);
    const std::string value = value_in(word);
    if (value.empty()) continue;
    if (!word.starts_with("--")) replace_last(shown, word, name);  // "-oVALUE" is one word
    replace_last(shown, value, name);
  }
  return words(shown);  // values of a configuration file are not arguments
}

}  // namespace spine::cli
