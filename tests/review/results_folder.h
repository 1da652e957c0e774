#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/synthetic_spine.h"

#include "spine/batch/predicted_landmarks.h"
#include "spine/io/landmarks_io.h"
#include "spine/io/report_io.h"
#include "spine/stages/measure/standard_errors.h"
#include "spine/util/json.h"

namespace spine::test {

inline MeasureOptions with(const Spacing& spacing) {
  MeasureOptions options;
  options.spacing = spacing;
  return options;
}

/// Writes a study as spine-pipeline does, with these flags of earlier stages.
inline Measurements write_study(const std::filesystem::path& folder, const Landmarks& landmarks,
                                const Spacing& spacing, const std::vector<std::string>& flags,
                                const std::string& film_sha256 = "abc") {
  constexpr EndplateUncertainty kSure{1, 0.01, 0.01};
  batch::PredictedLandmarks predicted{{landmarks, flags}, {}, std::string(64, '0')};
  for (auto& body : predicted.uncertainty.vertebrae) body = {kSure, kSure};
  predicted.uncertainty.s1 = kSure;
  predicted.uncertainty.femoral_heads.assign(landmarks.femoral_heads.size(), 0.02);
  std::filesystem::create_directories(folder);
  batch::write_predicted_landmarks(folder, predicted);
  Measurements measurements = measure(landmarks, with(spacing));
  add_standard_errors(landmarks, on_real_radiographs(predicted.uncertainty), with(spacing),
                      measurements);
  measurements.qc = flags;
  FilmInfo film;
  film.spacing = spacing;
  film.spacing_source = SpacingSource::detector_plane;
  write_json(folder / "measurements.json", to_json(folder.filename().string(), measurements, film,
                                                   {{"input", {{"sha256", film_sha256}}}}));
  return measurements;
}

/// Writes a results folder with the studies s0, s1, ... of these spines, and a failed one.
inline void write_results(const std::filesystem::path& output, unsigned count) {
  std::filesystem::create_directories(output);
  std::ofstream(output / "run.json") << "{}";
  TableWriter table(output / "measurements.csv", {});
  for (unsigned i = 0; i < count; ++i) {
    const auto spine = random_spine(20 + i);
    const std::string id = "s" + std::to_string(i);
    table.add({id, id + ".png", "ok", "",
               write_study(output / id, true_landmarks(spine), true_spacing(spine), {})});
  }
  table.add({"broken", "broken.png", "unreadable", "cut off", {}});
  table.commit();
}

}  // namespace spine::test
