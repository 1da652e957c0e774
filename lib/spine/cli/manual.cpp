#include "spine/cli/manual.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "spine/core/error.h"
#include "spine/util/text.h"

namespace spine::cli {
namespace {

/// An option as documented to the user.
struct OptionEntry {
  std::vector<std::string> names;  ///< "-o", "--output"; none: a positional
  std::string positional;          ///< "INPUT"
  std::string description;
  std::string value;                 ///< "FILE"; empty: a flag
  std::vector<std::string> choices;  ///< permitted values, if fixed
  std::string default_value;
  bool required = false;
};

/// Converts "TEXT:{auto,left,right}" to {"auto", "left", "right"}.
std::vector<std::string> choices_in(const std::string& type) {
  const auto open = type.find('{'), close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos || close < open) return choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(list, choice, ',');) choices.push_back(choice);
  return choices;
}

std::vector<OptionEntry> display_options(const CLI::App& app) {
  std::vector<OptionEntry> list;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    OptionEntry entry;
    for (const auto& name : option->get_snames()) entry.names.push_back("-" + name);
    for (const auto& name : option->get_lnames()) entry.names.push_back("--" + name);
    if (entry.names.empty()) entry.positional = option->get_name(true);
    entry.description = option->get_description();
    const bool flag = option->get_items_expected_max() == 0;
    if (!flag) {
      entry.value = option->get_type_name();
      entry.choices = choices_in(entry.value);
      if (!entry.choices.empty() || entry.value.empty()) entry.value = "VALUE";
    }
    entry.default_value = option->get_default_str();
    entry.required = option->get_required();
    list.push_back(std::move(entry));
  }
  return list;
}

std::string file_name(const AppInfo& info) {
  std::string name = info.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

/// Escapes text for roff.
std::string roff(const std::string& text) {
  std::istringstream lines(replace_all(replace_all(text, "\\", "\\e"), "-", "\\-"));
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && (line[0] == '.' || line[0] == '\'')) result += "\\&";
    result += (line.empty() ? ".sp" : line) + "\n";
  }
  if (!result.empty()) result.pop_back();
  return result;
}

/// Quotes text for a shell, in single quotes.
std::string quoted(const std::string& text) { return "'" + replace_all(text, "'", "'\\''") + "'"; }

/// Name of the completion function.
std::string function_of(const AppInfo& info) {
  return "_" + replace_all(file_name(info), "-", "_");
}

/// Entries of options, with their values, in the man macros.
std::string roff_options(const std::vector<OptionEntry>& options) {
  std::ostringstream page;
  for (const auto& option : options) {
    page << ".TP\n";
    if (option.positional.empty()) {
      page << "\\fB" << roff(join(option.names, ", ")) << "\\fR";
      if (!option.value.empty()) page << " \\fI" << roff(option.value) << "\\fR";
    } else {
      page << "\\fI" << roff(option.positional) << "\\fR";
    }
    page << "\n" << roff(option.description);
    if (!option.choices.empty()) page << "; one of " << roff(join(option.choices, ", "));
    if (option.required) page << "; required";
    if (!option.default_value.empty()) page << "; default " << roff(option.default_value);
    page << "\n";
  }
  return page.str();
}

bool is_listed(const CLI::App* command) {
  return !command->get_name().empty() && !command->get_group().empty();
}

}  // namespace

std::string man_page(const CLI::App& app, const AppInfo& info) {
  std::ostringstream page;
  page << ".TH " << upper_case(file_name(info)) << " 1 \"\" \"spine " << version()
       << "\" \"spine\"\n";
  page << ".SH NAME\n" << roff(file_name(info)) << " \\- " << roff(info.summary) << "\n";
  page << ".SH SYNOPSIS\n.B " << roff(info.name) << "\n[\\fIoptions\\fR]";
  const auto options = display_options(app);
  for (const auto& option : options) {
    if (!option.positional.empty()) page << " \\fI" << roff(option.positional) << "\\fR...";
  }
  page << "\n.SH DESCRIPTION\n.nf\n"
       << roff(info.details) << "\n.fi\n.SH OPTIONS\n"
       << roff_options(options);
  const auto commands = app.get_subcommands(&is_listed);
  if (!commands.empty()) page << ".SH COMMANDS\n";
  for (const CLI::App* command : commands) {
    page << ".SS " << roff(command->get_name()) << "\n"
         << roff(command->get_description()) << "\n"
         << roff_options(display_options(*command));
  }
  return page.str();
}

std::string bash_completion(const CLI::App& app, const AppInfo& info) {
  std::ostringstream script;
  std::vector<std::string> names;
  const auto options = display_options(app);
  for (const auto& option : options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  script << function_of(info) << "() {\n"
         << "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         << "  case $before in\n";
  for (const auto& option : options) {
    if (option.choices.empty()) continue;
    script << "    " << join(option.names, "|") << ") mapfile -t COMPREPLY < <(compgen -W "
           << quoted(join(option.choices, " ")) << " -- \"$word\"); return ;;\n";
  }
  script << "  esac\n"
         << "  if [[ $word == -* ]]; then\n"
         << "    mapfile -t COMPREPLY < <(compgen -W " << quoted(join(names, " "))
         << " -- \"$word\")\n"
         << "  else\n"
         << "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
         << "  fi\n"
         << "}\n"
         << "complete -o filenames -F " << function_of(info) << " " << info.name << "\n";
  return script.str();
}

std::string zsh_completion(const CLI::App& app, const AppInfo& info) {
  std::ostringstream script;
  script << "#compdef " << info.name << "\n_arguments -s \\\n";
  for (const auto& option : display_options(app)) {
    // Brackets and colons are separators in a specification.
    std::string what = replace_all(replace_all(option.description, "[", "("), "]", ")");
    what = replace_all(what, ":", "\\:");
    const std::string value = option.value.empty() ? ""
                              : option.choices.empty()
                                  ? ":" + replace_all(option.value, ":", " ") + ":_files"
                                  : ":value:(" + join(option.choices, " ") + ")";
    for (const auto& name : option.names) {
      std::string specification = name;
      specification.append("[").append(what).append("]").append(value);
      script << "  " << quoted(specification) << " \\\n";
    }
  }
  script << "  '*:file:_files'\n";
  return script.str();
}

std::string fish_completion(const CLI::App& app, const AppInfo& info) {
  std::ostringstream script;
  for (const auto& option : display_options(app)) {
    if (option.names.empty()) continue;
    script << "complete -c " << info.name;
    for (const auto& name : option.names) {
      const bool is_long = name.starts_with("--");
      script << (is_long ? " -l " : " -s ") << name.substr(is_long ? 2 : 1);
    }
    if (!option.value.empty()) script << " -r";
    if (!option.choices.empty()) script << " -f -a " << quoted(join(option.choices, " "));
    script << " -d " << quoted(option.description) << "\n";
  }
  return script.str();
}

std::string generated(const std::string& kind, const CLI::App& app, const AppInfo& info) {
  if (kind == "man") return man_page(app, info);
  if (kind == "bash") return bash_completion(app, info);
  if (kind == "zsh") return zsh_completion(app, info);
  if (kind == "fish") return fish_completion(app, info);
  throw Error(ErrorKind::usage,
              "usage: --generate: expected man, bash, zsh or fish, got \"" + kind + "\"");
}

}  // namespace spine::cli
