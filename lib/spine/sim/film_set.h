#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "spine/sim/simulate.h"

namespace spine::sim {

/// Which of a set's films hold metal.
enum class ImplantChoice {
  none,
  always,
  twins,  ///< each seed twice: "sim-000123" without and "sim-000123-implant" with
  share,  ///< a share of the seeds, by the seed
};

struct FilmSetOptions {
  SimulateOptions simulate;  ///< its `implant_share` is not used
  std::filesystem::path output;
  int count = 10;
  std::uint64_t first_seed = 1;
  ImplantChoice implants = ImplantChoice::none;
  double implant_share = 0;
  int threads = 1;
  bool dicom = false;                   ///< films as DICOM (DX, 16 bit) instead of PNG
  std::filesystem::path contact_sheet;  ///< empty: none
  int readers = 0;                      ///< simulated ones (simulated_raters.h)
  int sessions = 1;                     ///< of each reader
  bool force = false;                   ///< replace what is there already
  std::function<void(int done, int total)> progress;  ///< called from one thread at a time
  std::function<bool()> stopped;                      ///< asked before each film
};

/// Sets `implants` from "none", "always", "twins" or a share from 0 to 1. @throws Error(usage).
void choose_implants(const std::string& word, FilmSetOptions& options);

/// "sim-000123".
std::string study_id(std::uint64_t seed);

/// Writes films as OUT/<id>.png (or .dcm), their truth as OUT/truth/<id>/{masks.tif, labels.png,
/// landmarks.json, measurements.json, implant_mask.png}, the manifest OUT/studies.csv and, with
/// readers, OUT/readers.csv (case,rater,session,parameter,value). OUT can be given to the pipeline
/// and OUT/truth used as results to compare with.
/// @returns the number of films written, fewer than asked for when stopped
/// @throws Error(output) when a film, its truth, the manifest or the contact sheet is there already
///         and `force` is not set, or cannot be written
int write_film_set(const FilmSetOptions& options);

}  // namespace spine::sim
