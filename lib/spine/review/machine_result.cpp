#include "spine/review/machine_result.h"

#include <algorithm>
#include <set>

#include "spine/batch/film_record.h"
#include "spine/batch/measure_job.h"
#include "spine/batch/predicted_landmarks.h"
#include "spine/batch/tables.h"
#include "spine/core/error.h"
#include "spine/core/flags.h"
#include "spine/core/structure.h"
#include "spine/io/landmarks_io.h"
#include "spine/review/landmark_change.h"
#include "spine/review/review_file.h"
#include "spine/util/json.h"

namespace spine::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The additional angles among recorded measurements.
std::vector<AnglePair> angles_of(const Measurements& measurements) {
  constexpr std::string_view kPrefix = "angle_";
  std::vector<AnglePair> angles;
  for (const std::string& name : names_beyond_standard(measurements)) {
    if (!name.starts_with(kPrefix)) continue;
    std::string pair = name.substr(kPrefix.size());
    std::replace(pair.begin(), pair.end(), '_', ':');
    angles.push_back(AnglePair::parse(pair));
  }
  return angles;
}

/// The landmark that a flag is about: "L3", "S1", "F1"; empty for flags of the whole film.
std::string landmark_of(const std::string& flag) {
  const auto bar = flag.rfind('_');
  std::string last = bar == std::string::npos ? "" : flag.substr(bar + 1);
  if (last == "S" || last == "S1") return "S1";
  if (last == "F1" || last == "F2") return last;
  return level_from_name(last) ? last : "";
}

/// Names of the bodies, endplates and heads that a reader has edited: "L3", "S1", "F1".
std::set<std::string> names_of(const std::vector<std::string>& edited) {
  std::set<std::string> names;
  for (const std::string& landmark : edited) names.insert(landmark.substr(0, landmark.find('.')));
  return names;
}

/// Uncertainty of the landmarks that the reader left as they were.
LandmarkUncertainty without_edited(LandmarkUncertainty uncertainty,
                                   const std::set<std::string>& edited) {
  for (std::size_t i = 0; i < kLumbarCount; ++i) {
    if (edited.contains(level_name(i))) uncertainty.vertebrae[i].reset();
  }
  if (edited.contains("S1")) uncertainty.s1.reset();
  if (edited.contains("F1") || edited.contains("F2")) uncertainty.femoral_heads.clear();
  return uncertainty;
}

Measurements measured(const json& landmarks, const MeasureOptions& options,
                      const LandmarkUncertainty& uncertainty) {
  const Landmarks parsed = landmarks_from_json(landmarks);
  Measurements result = measure(parsed, options);
  batch::add_errors(parsed, uncertainty, options, result);
  return result;
}

}  // namespace

MachineResult read_machine_result(const fs::path& folder, const std::string& study) {
  const fs::path record_file = folder / "measurements.json";
  const fs::path landmarks_file = folder / "landmarks.json";
  MachineResult result;
  result.study = study;
  const json record = read_json(record_file);
  try {
    Study row;
    row.id = study;
    result.measurements = batch::row_from_record(row, record).measurements;
    const json provenance = record.value("provenance", json::object());
    // The input of spine-measure is masks or landmarks.
    if (provenance.value("command", "") != "spine-measure") {
      result.film_sha256 = provenance.value("input", json::object()).value("sha256", "");
    }
  } catch (const json::exception& error) {
    throw Error(ErrorKind::unreadable,
                "read " + record_file.string() +
                    ": expected a record of measurements, got: " + error.what());
  }
  const auto known = batch::read_study_record(record_file);
  result.options = {known.film.spacing, angles_of(result.measurements), known.exposed};
  result.landmarks = plain_landmarks(read_json(landmarks_file));
  landmarks_from_json(result.landmarks);
  if (const auto predicted = batch::read_as_predicted(landmarks_file)) {
    result.uncertainty = predicted->uncertainty;
  } else if (known.contour_uncertainty) {
    result.uncertainty = known.contour_uncertainty->uncertainty;
  }
  return result;
}

Measurements measure_reading(const MachineResult& machine, const json& landmarks) {
  const auto edited = names_of(edited_landmarks(machine.landmarks, landmarks));
  if (edited.empty() && machine.landmarks.at("anterior") == landmarks.at("anterior")) {
    return machine.measurements;
  }
  Measurements result =
      measured(landmarks, machine.options, without_edited(machine.uncertainty, edited));
  for (const std::string& flag : flags_before(FlagSource::values, machine.measurements.qc)) {
    if (!edited.contains(landmark_of(flag))) result.qc.push_back(flag);
  }
  sort_flags(result.qc);
  return result;
}

Measurements measure_blind_reading(const MachineResult& machine, const json& landmarks) {
  return measured(landmarks, machine.options, {});
}

}  // namespace spine::review
