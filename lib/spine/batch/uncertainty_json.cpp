#include "spine/batch/uncertainty_json.h"

#include <string>

namespace spine::batch {
namespace {

using nlohmann::json;

constexpr const char* kS1 = "S1";
constexpr const char* kHeads = "femoral_heads";

json to_json(const EndplateSpread& spread) {
  return {{"turn_deg", spread.turn_deg}, {"along", spread.along}, {"across", spread.across}};
}

EndplateSpread endplate_spread(const json& value) {
  return {value.at("turn_deg"), value.at("along"), value.at("across")};
}

std::string level_name(std::size_t level) { return std::string(to_string(kStructures[level])); }

}  // namespace

json to_json(const LandmarkSpreads& spreads) {
  json result = json::object();
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (const auto& body = spreads.vertebrae[i]) {
      result[level_name(i)] = {{"sup", to_json(body->sup)}, {"inf", to_json(body->inf)}};
    }
  }
  if (spreads.s1) result[kS1] = to_json(*spreads.s1);
  result[kHeads] = json::array();
  for (const auto& head : spreads.femoral_heads) {
    result[kHeads].push_back(head ? json(*head) : json(nullptr));
  }
  return result;
}

LandmarkSpreads spreads_from_json(const json& document) {
  LandmarkSpreads spreads;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto body = document.find(level_name(i));
    if (body == document.end()) continue;
    spreads.vertebrae[i] = {endplate_spread(body->at("sup")), endplate_spread(body->at("inf"))};
  }
  if (const auto s1 = document.find(kS1); s1 != document.end()) spreads.s1 = endplate_spread(*s1);
  for (const json& head : document.at(kHeads)) {
    spreads.femoral_heads.push_back(head.is_null() ? std::nullopt
                                                   : std::optional(head.get<double>()));
  }
  return spreads;
}

}  // namespace spine::batch
