#include "spine/batch/option_differences.h"

#include <vector>

#include <nlohmann/json.hpp>

namespace spine::batch {
namespace {

using nlohmann::json;

constexpr std::size_t kMostListed = 8;
constexpr std::size_t kLongestValue = 48;  ///< bytes; a hash is identified by its beginning

struct Difference {
  std::string name;
  json first, second;  ///< null: absent
};

void collect(const std::string& name, const json& first, const json& second,
             std::vector<Difference>& all) {
  if (first == second) return;
  if (!first.is_object() || !second.is_object()) return all.push_back({name, first, second});
  json keys = first;
  keys.update(second);
  const std::string above = name.empty() ? "" : name + ".";
  for (const auto& [key, value] : keys.items()) {
    collect(above + key, first.value(key, json()), second.value(key, json()), all);
  }
}

std::string displayed(const json& value) {
  if (value.is_null()) return "none";
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  if (text.size() > kLongestValue) text = text.substr(0, kLongestValue) + "...";
  return text;
}

}  // namespace

std::string option_differences(const NamedOptions& first, const NamedOptions& second) {
  std::vector<Difference> all;
  collect("", first.options, second.options, all);
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < kMostListed; ++i) {
    const Difference& one = all[i];
    text += (i > 0 ? "; " : "") + (one.name.empty() ? "" : one.name + ": ") + displayed(one.first) +
            " " + first.word + ", " + displayed(one.second) + " " + second.word;
  }
  if (all.size() > kMostListed)
    text += "; and " + std::to_string(all.size() - kMostListed) + " more";
  return text;
}

}  // namespace spine::batch
