#include "spine/batch/drawn_landmarks.h"

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/core/sha256.h"
#include "spine/io/landmarks_io.h"

namespace spine::batch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kLandmarks = "landmarks.json";
constexpr const char* kMasks = "masks.tif";
constexpr const char* kMasksHash = "masks_sha256";
constexpr const char* kFlags = "qc";
constexpr const char* kSpreads = "spreads";
constexpr const char* kS1 = "S1";
constexpr const char* kHeads = "femoral_heads";

json to_json(const EndplateSpread& spread) {
  const auto rounded = [](double v) { return std::round(v * 1e6) / 1e6; };
  return {{"turn_deg", rounded(spread.turn_deg)},
          {"along", rounded(spread.along)},
          {"across", rounded(spread.across)}};
}

EndplateSpread endplate_spread(const json& value) {
  return {value.at("turn_deg"), value.at("along"), value.at("across")};
}

std::string level_name(std::size_t level) { return std::string(to_string(kStructures[level])); }

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

}  // namespace

void write_drawn_landmarks(const fs::path& folder, const DrawnLandmarks& drawn) {
  json document = to_json(drawn.located.landmarks);
  document[kMasksHash] =
      drawn.masks_sha256.empty() ? sha256_of_file(folder / kMasks) : drawn.masks_sha256;
  document[kFlags] = drawn.located.qc;
  document[kSpreads] = to_json(drawn.spreads);
  write_json(folder / kLandmarks, document);
}

std::optional<DrawnLandmarks> read_drawn_landmarks(const fs::path& folder) {
  const fs::path file = folder / kLandmarks, masks = folder / kMasks;
  if (!fs::is_regular_file(file) || !fs::is_regular_file(masks)) return std::nullopt;
  const json document = read_json(file);
  if (!document.is_object() || !document.contains(kMasksHash)) return std::nullopt;
  DrawnLandmarks drawn;
  drawn.masks_sha256 = sha256_of_file(masks);
  if (document.at(kMasksHash) != json(drawn.masks_sha256)) return std::nullopt;
  drawn.located.landmarks = read_landmarks(file);
  try {
    drawn.located.qc = document.at(kFlags).get<std::vector<std::string>>();
    drawn.spreads = spreads_from_json(document.at(kSpreads));
  } catch (const json::exception& error) {
    throw Error(ErrorKind::unreadable, "read " + file.string() +
                                           ": expected flags and spreads beside the hash of "
                                           "masks, got: " +
                                           error.what());
  }
  return drawn;
}

}  // namespace spine::batch
