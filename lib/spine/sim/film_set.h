#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "spine/sim/simulate.h"

namespace spine::sim {

/// Which films of a set have implants.
enum class ImplantChoice {
  none,
  always,
  twins,  ///< each seed twice: "sim-000123" without and "sim-000123-implant" with
  share,  ///< a fraction of the seeds, determined by the seed
};

/// What write_film_set() writes.
struct FilmSetOptions {
  SimulateOptions simulate;  ///< `implant_share` is ignored
  /// OUT
  std::filesystem::path output;
  int count = 10;
  std::uint64_t first_seed = 1;
  ImplantChoice implants = ImplantChoice::none;
  double implant_share = 0;             ///< for ImplantChoice::share, 0 to 1
  int threads = 1;                      ///< number of films simulated concurrently
  bool dicom = false;                   ///< films as DICOM (DX, 16 bit) instead of PNG
  std::filesystem::path contact_sheet;  ///< empty: none
  int raters = 0;                       ///< number of simulated raters (simulated_raters.h)
  int sessions = 1;                     ///< per rater
  bool force = false;                   ///< replace existing files
  std::function<void(int done, int total)> progress;  ///< called from one thread at a time
  std::function<bool()> stopped;                      ///< polled before each film
};

/// Sets `implants` from "none", "always", "twins" or a fraction from 0 to 1. @throws Error(usage)
void choose_implants(const std::string& word, FilmSetOptions& options);

/// The id of a film: "sim-000123".
std::string study_id(std::uint64_t seed);

/// Writes films to `OUT/<id>.png` (or .dcm), their truth to `OUT/truth/<id>/`{masks.tif,
/// labels.png, landmarks.json, measurements.json, implant_mask.png}, the manifest OUT/studies.csv
/// and, with raters, OUT/raters.csv (case,rater,session,parameter,value). OUT is a valid input of
/// the pipeline, OUT/truth a reference for evaluation.
/// @returns the number of films written, less than requested if stopped
/// @throws Error(output) if a film, its truth, the manifest or the contact sheet exists and `force`
/// is not set, or cannot be written
int write_film_set(const FilmSetOptions& options);

}  // namespace spine::sim
