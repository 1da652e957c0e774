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
// Renamed values, and the options, by their current names, that take them.
constexpr std::array<std::string_view, 2> kMethodOptions{"landmarks", "method"};
constexpr std::array<Renamed, 1> kMethods{{{"report", "baseline"}}};
constexpr std::array<std::string_view, 7> kWeightsOptions{
    "weights",        "roi", "roi-of", "implant-model", "implant-roi", "implant-model-of",
    "restore-weights"};
constexpr std::array<Renamed, 4> kWeights{
    {{"trans_unet_small_close_up", "trans_unet_small_roi"},
     {"trans_unet_small_implant_free_close_up", "trans_unet_small_implant_free_roi"},
     {"implant_finder_small", "implant_net_small"},
     {"implant_finder_small_close_up", "implant_net_small_roi"}}};
constexpr std::array<Renamed, 2> kTrainTasks{
    {{"spreads", "uncertainty"}, {"endplates", "endplate-correction"}}};

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

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string dashed(std::string_view name) { return "--" + std::string(name); }

/// Replaces an old value of an option by its current one.
/// @param before  what stands before the value, for the notice
void replace_value(std::string_view option, const std::string& before, std::string& value,
                   std::vector<std::string>& notices) {
  const Renamed* renamed = nullptr;
  if (contains(kMethodOptions, option)) renamed = find(kMethods, value);
  if (contains(kWeightsOptions, option)) renamed = find(kWeights, value);
  if (renamed == nullptr) return;
  notices.push_back(notice(before + std::string(renamed->old), before + std::string(renamed->now)));
  value = renamed->now;
}

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
      replace_value(option, dashed(option) + " ", argument, result.notices);
      option.clear();
      continue;
    }
    const auto equals = argument.find('=');
    option = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (const Renamed* renamed = find(kOptions, option)) {
      result.notices.push_back(notice(dashed(renamed->old), dashed(renamed->now)));
      option = renamed->now;
    }
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    replace_value(option, dashed(option) + "=", value, result.notices);
    argument = dashed(option) + (equals == std::string::npos ? "" : "=" + value);
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
      for (std::string& value : item.inputs) {
        replace_value(item.name, item.name + " = ", value, notices_);
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
