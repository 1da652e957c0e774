#pragma once
#include <string_view>

#include <nlohmann/json_fwd.hpp>

// Names of the JSON documents that the commands write, each "<name>/<version>" under "schema".
namespace spine {

inline constexpr std::string_view kLandmarksSchema = "spine-landmarks/2";
inline constexpr std::string_view kMeasurementsSchema = "spine-measurements/2";
inline constexpr std::string_view kSegmentationSchema = "spine-segmentation/2";
inline constexpr std::string_view kRestorationSchema = "spine-restoration/2";
inline constexpr std::string_view kRunSchema = "spine-run/2";
inline constexpr std::string_view kWeightsManifestSchema = "spine-weights-manifest/2";

/// Gives a document of version 1 of these schemas the keys and the schema of version 2. Everything
/// else stays as it is.
void update_schema(nlohmann::json& document);

}  // namespace spine
