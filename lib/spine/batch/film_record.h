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

/// How far landmarks by `--landmarks fit` may be off, as the networks saw the outlines that they
/// come from: masks do not keep it.
struct ContourUncertainty {
  Side anterior = Side::left;  ///< of these landmarks
  LandmarkUncertainty uncertainty;
};

/// What a command's record of a study (restoration.json, segmentation.json, measurements.json)
/// tells the commands that follow.
struct StudyRecord {
  /// Spacing and where that is from, polarity, notes on how it was read. `flags` are those of
  /// reading and of restoration.
  FilmInfo film;
  std::vector<std::string> segmentation_flags = {};  ///< of FlagSource::segmentation
  std::optional<cv::Rect> exposed = std::nullopt;    ///< exposed_field() of the film
  /// SHA-256 of the masks as the network left them, by the name of their file; empty: not known.
  std::map<std::string, std::string> masks_sha256 = {};
  std::optional<ContourUncertainty> contour_uncertainty = std::nullopt;
  std::optional<Side> anterior = std::nullopt;  ///< as the user gave it
  /// What restoration found on the film, as to_json(Restoration); null: it was not looked at.
  nlohmann::json restoration = nullptr;
};

/// Adds to a record all of a StudyRecord but what to_json(study, ...) writes of the film: the keys
/// "exposed_field", "masks_sha256", "contour_uncertainty", "anterior" and "restoration", each where
/// it is known. Flags are not written: they are among the record's "qc".
void add_to_record(const StudyRecord& study, nlohmann::json& record);

/// @throws Error(unreadable) when the file is no such record or does not tell the spacing
StudyRecord read_study_record(const std::filesystem::path& file);

/// StudyRecord::film alone.
FilmInfo read_film_record(const std::filesystem::path& file);

/// The same film with the spacing that its user gave for it, if any; nothing is assumed of its
/// pixels then.
FilmInfo with_spacing(FilmInfo film, const std::optional<Spacing>& given);

}  // namespace spine::batch
