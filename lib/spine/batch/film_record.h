#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/image.h"
#include "spine/core/landmark_uncertainty.h"

namespace spine::batch {

/// Standard deviations of landmarks by `--landmarks fit`, predicted from the quality of the
/// contours. They cannot be derived from the masks.
struct ContourUncertainty {
  Side anterior = Side::left;  ///< anterior side assumed by these landmarks
  LandmarkUncertainty uncertainty;
};

/// What the record of a study (restoration.json, segmentation.json, measurements.json) passes on to
/// subsequent commands.
struct StudyRecord {
  /// Spacing and its source, polarity, notes on reading. `flags` are those of reading and
  /// restoration.
  FilmInfo film;
  std::vector<std::string> segmentation_flags = {};  ///< of FlagSource::segmentation
  std::optional<cv::Rect> exposed = std::nullopt;    ///< exposed_field() of the film
  /// SHA-256 of the masks as written by segmentation, by file name; empty: unknown.
  std::map<std::string, std::string> masks_sha256 = {};
  std::optional<ContourUncertainty> contour_uncertainty = std::nullopt;
  std::optional<Side> anterior = std::nullopt;  ///< as given by the user
  /// The result of restoration, as to_json(Restoration); null: not performed.
  nlohmann::json restoration = nullptr;
};

/// Adds to a record everything in a StudyRecord except what to_json(study, ...) writes about the
/// film: the keys "exposed_field", "masks_sha256", "contour_uncertainty", "anterior" and
/// "restoration", each if known. Flags are not written, as they are part of "qc" in the record.
void add_to_record(const StudyRecord& study, nlohmann::json& record);

/// Reads the record of a study.
/// @throws Error(unreadable) if the file is not such a record or lacks the spacing
StudyRecord read_study_record(const std::filesystem::path& file);

/// Reads StudyRecord::film only.
/// @throws Error(unreadable) as read_study_record
FilmInfo read_film_record(const std::filesystem::path& file);

/// Replaces the spacing by the one given by the user, if any, and drops assumptions about the pixel
/// shape.
FilmInfo with_spacing(FilmInfo film, const std::optional<Spacing>& given);

}  // namespace spine::batch
