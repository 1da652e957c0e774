#pragma once
#include <string_view>

#include <nlohmann/json_fwd.hpp>

// Names of the JSON documents written by the commands, each "<name>/<version>" under "schema".
namespace spine {

inline constexpr std::string_view kLandmarksSchema = "spine-landmarks/2";
inline constexpr std::string_view kMeasurementsSchema = "spine-measurements/2";
inline constexpr std::string_view kSegmentationSchema = "spine-segmentation/2";
inline constexpr std::string_view kRestorationSchema = "spine-restoration/2";
inline constexpr std::string_view kRunSchema = "spine-run/2";
inline constexpr std::string_view kReviewSchema = "spine-review/1";
inline constexpr std::string_view kWeightsManifestSchema = "spine-weights-manifest/2";

/// Converts a version 1 document of these schemas to version 2: renames its keys and updates the
/// schema. Other documents are unchanged.
void update_schema(nlohmann::json& document);

}  // namespace spine
