#include "spine/batch/uncertainty_json.h"

#include <string>

namespace spine::batch {
namespace {

using nlohmann::json;

constexpr const char* kS1 = "S1";
constexpr const char* kHeads = "femoral_heads";

json to_json(const EndplateUncertainty& deviation) {
  return {
      {"turn_deg", deviation.turn_deg}, {"along", deviation.along}, {"across", deviation.across}};
}

EndplateUncertainty endplate_uncertainty(const json& value) {
  return {value.at("turn_deg"), value.at("along"), value.at("across")};
}

}  // namespace

json to_json(const LandmarkUncertainty& uncertainty) {
  json result = json::object();
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (const auto& body = uncertainty.vertebrae[i]) {
      result[level_name(i)] = {{"sup", to_json(body->sup)}, {"inf", to_json(body->inf)}};
    }
  }
  if (uncertainty.s1) result[kS1] = to_json(*uncertainty.s1);
  result[kHeads] = json::array();
  for (const auto& head : uncertainty.femoral_heads) {
    result[kHeads].push_back(head ? json(*head) : json(nullptr));
  }
  return result;
}

LandmarkUncertainty uncertainty_from_json(const json& document) {
  LandmarkUncertainty uncertainty;
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    const auto body = document.find(level_name(i));
    if (body == document.end()) continue;
    uncertainty.vertebrae[i] = {endplate_uncertainty(body->at("sup")),
                                endplate_uncertainty(body->at("inf"))};
  }
  if (const auto s1 = document.find(kS1); s1 != document.end())
    uncertainty.s1 = endplate_uncertainty(*s1);
  for (const json& head : document.at(kHeads)) {
    uncertainty.femoral_heads.push_back(head.is_null() ? std::nullopt
                                                       : std::optional(head.get<double>()));
  }
  return uncertainty;
}

}  // namespace spine::batch
