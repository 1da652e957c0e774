#include "spine/cli/renamed_options.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace spine::cli {
namespace {

struct Renamed {
  std::string_view old, now;
};

// Names of version 0.1.0, kept until the version after the next.
constexpr std::array<Renamed, 11> kOptions{{{"close-up", "roi"},
                                            {"close-up-of", "roi-of"},
                                            {"finder-close-up", "implant-roi"},
                                            {"covers", "random-erasing"},
                                            {"finder", "implant-model"},
                                            {"finder-of", "implant-model-of"},
                                            {"metal", "implant-masks"},
                                            {"without-metal", "without-implants"},
                                            {"readers", "raters"},
                                            {"reader-landmarks", "rater-landmarks"},
                                            {"study-key", "pseudonym-key"}}};
// Options whose value "report" is now "baseline".
constexpr std::array<std::string_view, 2> kMethods{"landmarks", "method"};
constexpr Renamed kMethod{"report", "baseline"};
constexpr std::array<Renamed, 2> kTrainTasks{
    {{"spreads", "uncertainty"}, {"endplates", "endplate-correction"}}};

bool names_method(std::string_view option) {
  return std::find(kMethods.begin(), kMethods.end(), option) != kMethods.end();
}

std::string notice(std::string_view old, std::string_view now) {
  return std::string(old) + " was renamed to " + std::string(now) +
         "; the old name will be removed in the version after the next";
}

template <class List>
const Renamed* find(const List& list, std::string_view old) {
  const auto it =
      std::find_if(list.begin(), list.end(), [&](const Renamed& r) { return r.old == old; });
  return it == list.end() ? nullptr : &*it;
}

std::string dashed(std::string_view name) { return "--" + std::string(name); }

}  // namespace

CurrentNames with_current_names(const std::string& command, std::vector<std::string> arguments) {
  CurrentNames result;
  std::string option;  // the option that a value may follow
  bool first = true;
  for (std::string& argument : arguments) {
    const Renamed* task = nullptr;
    if (first && command == "spine-train") task = find(kTrainTasks, argument);
    first = false;
    if (task != nullptr) {
      result.notices.push_back(notice(task->old, task->now));
      argument = task->now;
      continue;
    }
    if (argument == "--") break;
    if (argument.rfind("--", 0) != 0) {
      if (names_method(option) && argument == kMethod.old) {
        result.notices.push_back(notice(dashed(option) + " report", dashed(option) + " baseline"));
        argument = kMethod.now;
      }
      option.clear();
      continue;
    }
    const auto equals = argument.find('=');
    option = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::string value = equals == std::string::npos ? "" : argument.substr(equals);
    if (names_method(option) && value == "=" + std::string(kMethod.old)) {
      result.notices.push_back(notice(dashed(option) + value, dashed(option) + "=baseline"));
      value = "=" + std::string(kMethod.now);
    }
    if (const Renamed* renamed = find(kOptions, option)) {
      result.notices.push_back(notice(dashed(renamed->old), dashed(renamed->now)));
      option = renamed->now;
    }
    argument = dashed(option) + value;
  }
  result.arguments = std::move(arguments);
  return result;
}

namespace {

class RenamingConfig : public CLI::ConfigTOML {
 public:
  explicit RenamingConfig(std::vector<std::string>& notices) : notices_(notices) {}

  [[nodiscard]] std::vector<CLI::ConfigItem> from_config(std::istream& input) const override {
    std::vector<CLI::ConfigItem> parsed = CLI::ConfigTOML::from_config(input);
    for (CLI::ConfigItem& item : parsed) {
      if (const Renamed* renamed = find(kOptions, item.name)) {
        notices_.push_back(notice(renamed->old, renamed->now));
        item.name = renamed->now;
      }
      if (!names_method(item.name)) continue;
      for (std::string& input_value : item.inputs) {
        if (input_value != kMethod.old) continue;
        notices_.push_back(notice(item.name + " = report", item.name + " = baseline"));
        input_value = kMethod.now;
      }
    }
    return parsed;
  }

 private:
  std::vector<std::string>& notices_;
};

}  // namespace

std::shared_ptr<CLI::Config> config_with_current_names(std::vector<std::string>& notices) {
  return std::make_shared<RenamingConfig>(notices);
}

}  // namespace spine::cli
