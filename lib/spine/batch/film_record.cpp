#include "spine/batch/film_record.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/error.h"
#include "spine/io/landmarks_io.h"

namespace spine::batch {
namespace {

SpacingSource spacing_source_from(const std::string& name) {
  for (const SpacingSource source : {SpacingSource::override_value, SpacingSource::calibrated,
                                     SpacingSource::magnification_corrected,
                                     SpacingSource::detector_plane, SpacingSource::unknown,
                                     SpacingSource::aspect_ratio}) {
    if (to_string(source) == name) return source;
  }
  return SpacingSource::none;
}

}  // namespace

FilmInfo read_film_record(const std::filesystem::path& file) {
  const nlohmann::json record = read_json(file);
  FilmInfo info;
  try {
    const nlohmann::json& spacing = record.at("spacing_mm");
    if (!spacing.is_null()) {
      info.spacing = Spacing{spacing.at(0).get<double>(), spacing.at(1).get<double>()};
    }
    if (const double aspect = record.value("pixel_aspect", 0.0); aspect > 0) {
      info.spacing = relative_spacing(aspect);
    }
    info.orientation =
        orientation_of_tag(record.value("orientation", 1)).value_or(Orientation::top_left);
    info.spacing_source = spacing_source_from(record.at("spacing_source").get<std::string>());
    info.polarity_turned = record.value("polarity_turned", false);
    info.notes = record.value("notes", std::vector<std::string>{});
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::unreadable, "read: " + file.string() +
                                           ": expected spacing_mm [row, column] or null and "
                                           "spacing_source, got: " +
                                           error.what());
  }
  return info;
}

FilmInfo with_spacing(FilmInfo film, const std::optional<Spacing>& given) {
  if (given) {
    film.spacing = given;
    film.spacing_source = SpacingSource::override_value;
  }
  return film;
}

}  // namespace spine::batch
