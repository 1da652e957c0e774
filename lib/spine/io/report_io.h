#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "spine/core/image.h"
#include "spine/core/landmarks.h"
#include "spine/core/mask_stack.h"
#include "spine/core/measurements.h"

namespace spine {

/// "spine-measurements/1" of design.md.
nlohmann::json to_json(const std::string& study, const Measurements& measurements,
                       const FilmInfo& film, const nlohmann::json& provenance);

/// The film with outlines, endplates, hip axis and the named angles drawn on it. BGR, film size.
/// `masks` may be null (landmarks only).
cv::Mat draw_overlay(const Image& film, const MaskStack* masks, const Landmarks& landmarks,
                     const Measurements& measurements);

/// A row of measurements.csv.
struct ReportRow {
  std::string study, path;
  std::string status;  ///< "ok", "partial" (some values missing), or an ErrorKind's name
  std::string error;   ///< one line, empty when ok
  Measurements measurements;
};
/// One row per study in the given order; RFC 4180 quoting; missing values are empty cells. Atomic.
void write_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows);
/// study,structure,metric,value,unit,status. Atomic.
void write_long_table(const std::filesystem::path& csv, const std::vector<ReportRow>& rows);

}  // namespace spine
