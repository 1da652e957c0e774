#include "spine/batch/film_record.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/batch/uncertainty_json.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/io/landmarks_io.h"
#include "spine/util/json.h"

namespace spine::batch {
namespace {

using nlohmann::json;

constexpr const char* kExposed = "exposed_field";
constexpr const char* kMasks = "masks_sha256";
constexpr const char* kUncertainty = "contour_uncertainty";
constexpr const char* kAnterior = "anterior";
constexpr const char* kRestoration = "restoration";

SpacingSource spacing_source_from(const std::string& name) {
  for (const SpacingSource source :
       {SpacingSource::override_value, SpacingSource::calibrated,
        SpacingSource::magnification_corrected, SpacingSource::detector_plane,
        SpacingSource::unknown, SpacingSource::aspect_ratio}) {
    if (to_string(source) == name) return source;
  }
  return SpacingSource::none;
}

Side side_from(const std::string& name) {
  return name == to_string(Side::left) ? Side::left : Side::right;
}

double positive(const json& length) {
  const double value = length.get<double>();
  if (!(value > 0) || !std::isfinite(value)) {
    throw Error(ErrorKind::unreadable, "expected a positive length, got " + length.dump());
  }
  return value;
}

FilmInfo film_from(const json& record) {
  FilmInfo info;
  const json& spacing = record.at("spacing_mm");
  if (!spacing.is_null()) {
    info.spacing = Spacing{positive(spacing.at(0)), positive(spacing.at(1))};
  }
  if (const double aspect = record.value("pixel_aspect", 0.0); aspect > 0) {
    info.spacing = relative_spacing(aspect);
  }
  info.orientation =
      orientation_of_tag(record.value("orientation", 1)).value_or(Orientation::top_left);
  info.spacing_source = spacing_source_from(record.at("spacing_source").get<std::string>());
  info.inverted = record.value("inverted", false);
  info.notes = record.value("notes", std::vector<std::string>{});
  return info;
}

/// The record of spine-restore holds the notes of reading, followed by those of restoration.
void leave_out_restoration_notes(const json& record, FilmInfo& film) {
  if (record.value("schema", "") != "spine-restoration/2") return;
  const auto restoration = record.find(kRestoration);
  if (restoration == record.end()) return;
  const auto later = restoration->value("notes", json::array()).size();
  film.notes.resize(film.notes.size() - std::min(film.notes.size(), later));
}

StudyRecord study_from(const json& record) {
  StudyRecord study{film_from(record)};
  leave_out_restoration_notes(record, study.film);
  study.restoration = record.value(kRestoration, json());
  const auto flags = record.value("qc", std::vector<std::string>{});
  study.film.flags = flags_before(FlagSource::segmentation, flags);
  for (const auto& flag : flags_before(FlagSource::landmarks, flags)) {
    if (!found_before(FlagSource::segmentation, flag)) study.segmentation_flags.push_back(flag);
  }
  if (const auto box = record.find(kExposed); box != record.end()) {
    study.exposed = cv::Rect(box->at(0), box->at(1), box->at(2), box->at(3));
  }
  study.masks_sha256 = record.value(kMasks, std::map<std::string, std::string>{});
  if (const auto uncertainty = record.find(kUncertainty); uncertainty != record.end()) {
    study.contour_uncertainty = {side_from(uncertainty->at(kAnterior)),
                                 uncertainty_from_json(*uncertainty)};
  }
  if (const auto side = record.find(kAnterior); side != record.end()) {
    study.anterior = side_from(*side);
  }
  return study;
}

}  // namespace

void add_to_record(const StudyRecord& study, json& record) {
  if (const auto& box = study.exposed) {
    record[kExposed] = {box->x, box->y, box->width, box->height};
  }
  if (!study.masks_sha256.empty()) record[kMasks] = study.masks_sha256;
  if (const auto& outline = study.contour_uncertainty) {
    record[kUncertainty] = to_json(outline->uncertainty);
    record[kUncertainty][kAnterior] = std::string(to_string(outline->anterior));
  }
  if (!study.restoration.is_null()) record[kRestoration] = study.restoration;
  if (study.anterior) record[kAnterior] = std::string(to_string(*study.anterior));
}

StudyRecord read_study_record(const std::filesystem::path& file) {
  const json record = read_json(file);
  try {
    return study_from(record);
  } catch (const Error& error) {
    throw error.within("read " + file.string());
  } catch (const json::exception& error) {
    throw Error(ErrorKind::unreadable, "read: " + file.string() +
                                           ": expected spacing_mm [row, column] or null and "
                                           "spacing_source, got: " +
                                           error.what());
  }
}

FilmInfo read_film_record(const std::filesystem::path& file) {
  return read_study_record(file).film;
}

FilmInfo with_spacing(FilmInfo film, const std::optional<Spacing>& given) {
  if (given) {
    film.spacing = given;
    film.spacing_source = SpacingSource::override_value;
    std::erase(film.flags, "pixel_shape_uncertain");
  }
  return film;
}

}  // namespace spine::batch
