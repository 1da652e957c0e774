#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "spine/core/landmark_uncertainty.h"
#include "spine/core/measurements.h"
#include "spine/stages/measure/measure.h"

namespace spine::review {

/// What a run found on a film, as far as a review needs it.
struct MachineResult {
  std::string study;
  nlohmann::json landmarks;         ///< plain_landmarks()
  Measurements measurements;        ///< as recorded
  MeasureOptions options;           ///< under which they were measured
  LandmarkUncertainty uncertainty;  ///< of the landmarks, as far as known
  std::string film_sha256;          ///< of the film; empty: not recorded
};

/// Reads the results in a study's folder.
/// @throws Error(not_found | unreadable) naming the file
MachineResult read_machine_result(const std::filesystem::path& folder, const std::string& study);

/// The values of a reader's landmarks: those of the machine if they are the same, else measured by
/// measure(). Standard errors are given where they do not depend on an edited landmark. Flags of
/// an edited landmark are dropped, other flags of earlier stages are kept.
/// @param landmarks  "spine-landmarks/2"
/// @throws Error(unreadable) for any other document
Measurements measure_reading(const MachineResult& machine, const nlohmann::json& landmarks);

/// The values of landmarks that a reader placed without seeing the machine's results: no flag and
/// no standard error of the machine.
/// @throws Error(unreadable) for a document other than "spine-landmarks/2"
Measurements measure_blind_reading(const MachineResult& machine, const nlohmann::json& landmarks);

}  // namespace spine::review
