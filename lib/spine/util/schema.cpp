#include "spine/util/schema.h"

#include <array>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

namespace spine {
namespace {

using nlohmann::json;

/// A renamed key of version 1, in the object given by a JSON pointer (RFC 6901).
struct Renamed {
  const char* parent;
  const char* old;
  const char* now;
};

constexpr auto kLandmarksKeys = std::to_array<Renamed>({{"", "spreads", "standard_deviations"}});
constexpr auto kRunKeys = std::to_array<Renamed>({{"", "study_key", "pseudonym_key"},
                                                  {"/inputs", "passed_over", "skipped_files"},
                                                  {"/counts", "left_out", "excluded"}});
// Keys of measurements, segmentations and restorations; each document has some of them.
constexpr auto kStudyKeys =
    std::to_array<Renamed>({{"", "polarity_turned", "inverted"},
                            {"", "outline_spreads", "contour_uncertainty"},
                            {"/provenance", "level_doubt", "labelling_ambiguity"},
                            {"/provenance/weights", "close_up", "roi"},
                            {"/provenance/weights", "finder", "implant"},
                            {"/provenance/weights", "finder_close_up", "implant_roi"},
                            {"/provenance/weights/restore", "finder", "implant"},
                            {"/provenance/weights/restore", "finder_close_up", "implant_roi"}});

std::span<const Renamed> renamed_keys(std::string_view schema) {
  if (schema == kLandmarksSchema) return kLandmarksKeys;
  if (schema == kRunSchema) return kRunKeys;
  if (schema == kWeightsManifestSchema) return {};
  return kStudyKeys;
}

// Renamed keys of each manifest entry.
constexpr std::array<std::array<const char*, 2>, 2> kManifestKeys{
    {{"close_up", "roi"}, {"finder", "implant"}}};

void rename(json& object, const char* old, const char* now) {
  if (!object.is_object()) return;
  const auto entry = object.find(old);
  if (entry == object.end() || object.contains(now)) return;
  json value = std::move(*entry);
  object.erase(entry);
  object[now] = std::move(value);
}

void rename_in_manifest(json& document) {
  const auto weights = document.find("weights");
  if (weights == document.end() || !weights->is_array()) return;
  for (json& entry : *weights) {
    for (const auto& [old, now] : kManifestKeys) rename(entry, old, now);
  }
}

}  // namespace

void update_schema(json& document) {
  if (!document.is_object()) return;
  const auto schema = document.find("schema");
  if (schema == document.end() || !schema->is_string()) return;
  const auto& name = schema->get_ref<const std::string&>();
  for (const std::string_view now : {kLandmarksSchema, kMeasurementsSchema, kSegmentationSchema,
                                     kRestorationSchema, kRunSchema, kWeightsManifestSchema}) {
    if (name != std::string(now.substr(0, now.find('/'))) + "/1") continue;
    *schema = std::string(now);
    for (const Renamed& key : renamed_keys(now)) {
      const json::json_pointer parent(key.parent);
      if (document.contains(parent)) rename(document[parent], key.old, key.now);
    }
    if (now == kWeightsManifestSchema) rename_in_manifest(document);
    return;
  }
}

}  // namespace spine
