#include "spine/util/schema.h"

#include <array>
#include <string>

#include <nlohmann/json.hpp>

namespace spine {
namespace {

using nlohmann::json;

/// A renamed key of version 1, in the object given by a JSON pointer (RFC 6901).
struct Renamed {
  std::string_view schema;
  const char* parent;
  const char* old;
  const char* now;
};

constexpr auto kRenamed = std::to_array<Renamed>({
    {kLandmarksSchema, "", "spreads", "standard_deviations"},
    {kMeasurementsSchema, "", "polarity_turned", "inverted"},
    {kMeasurementsSchema, "", "outline_spreads", "contour_uncertainty"},
    {kMeasurementsSchema, "/provenance", "level_doubt", "labelling_ambiguity"},
    {kMeasurementsSchema, "/provenance/weights", "close_up", "roi"},
    {kMeasurementsSchema, "/provenance/weights/restore", "finder", "implant"},
    {kMeasurementsSchema, "/provenance/weights/restore", "finder_close_up", "implant_roi"},
    {kSegmentationSchema, "", "polarity_turned", "inverted"},
    {kSegmentationSchema, "", "outline_spreads", "contour_uncertainty"},
    {kSegmentationSchema, "/provenance", "level_doubt", "labelling_ambiguity"},
    {kSegmentationSchema, "/provenance/weights", "close_up", "roi"},
    {kSegmentationSchema, "/provenance/weights/restore", "finder", "implant"},
    {kSegmentationSchema, "/provenance/weights/restore", "finder_close_up", "implant_roi"},
    {kRestorationSchema, "", "polarity_turned", "inverted"},
    {kRestorationSchema, "/provenance/weights", "finder", "implant"},
    {kRestorationSchema, "/provenance/weights", "finder_close_up", "implant_roi"},
    {kRunSchema, "", "study_key", "pseudonym_key"},
    {kRunSchema, "/inputs", "passed_over", "skipped_files"},
    {kRunSchema, "/counts", "left_out", "excluded"},
});

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
    for (const Renamed& key : kRenamed) {
      const json::json_pointer parent(key.parent);
      if (key.schema == now && document.contains(parent)) {
        rename(document[parent], key.old, key.now);
      }
    }
    if (now == kWeightsManifestSchema) rename_in_manifest(document);
    return;
  }
}

}  // namespace spine
