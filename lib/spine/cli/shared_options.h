#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "spine/batch/batch_run.h"
#include "spine/batch/deidentification.h"
#include "spine/batch/dicom_output.h"
#include "spine/batch/measure_job.h"
#include "spine/cli/app.h"
#include "spine/stages/restore/restore_options.h"
#include "spine/stages/segment/probability_masks.h"

namespace spine::cli {

/// Options with the same names and meaning in all commands that process studies.
struct SharedOptions {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path output;
  std::filesystem::path manifest;
  bool recursive = false;

  std::string device = "auto";
  std::string precision = "auto";
  int batch = 32;
  int threads = 0;
  std::string weights = "default", roi = "default", endplates = "default";

  bool force = false;
  bool fail_fast = false;
  bool dry_run = false;
  bool wait = false;
  std::string shard = "1/1";
  double spacing_mm = 0;  ///< 0: not given
  bool keep_identifiers = false;
  std::filesystem::path pseudonym_key;
  std::string select = "tags";
  std::vector<std::string> modalities, body_parts, views;
  int frame = 0;  ///< 0: not given
  std::string anterior = "auto";
  std::filesystem::path log;
  bool quiet = false;
  int verbosity = 0;
  bool no_progress = false;
};

/// Declares INPUT..., --manifest and --recursive.
void declare_films(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are);
/// Declares the options of declare_films() and -o.
void declare_inputs(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are);
/// Declares --device, --precision, --batch and --threads. Commands without a network accept all of
/// them for uniformity, but show only --threads in their help.
void declare_device(CLI::App& app, SharedOptions& options, bool uses_network);
/// Declares the options of declare_device() and --weights, --roi and --endplates, hidden likewise.
void declare_compute(CLI::App& app, SharedOptions& options, bool uses_network);
/// Declares --force, --fail-fast, --dry-run, --wait, --shard, --spacing, --anterior, --log, -q, -v
/// and --no-progress.
void declare_run(CLI::App& app, SharedOptions& options);

/// Declares --keep-identifiers.
void declare_identifiers(CLI::App& app, SharedOptions& options);
/// Declares --keep-identifiers, --pseudonym-key and --frame, which also apply to films beside
/// masks.
void declare_names(CLI::App& app, SharedOptions& options);
/// Declares the options of declare_names() and --select, --modality, --body-part and --view.
void declare_archive(CLI::App& app, SharedOptions& options);

/// A number from 0 to 1; unlike CLI::Range, rejects NaN.
CLI::Validator fraction();

/// Converts to input options.
/// @throws Error(usage) for values that the parser cannot validate
batch::InputOptions input_options(const SharedOptions& options, StudyKind kind);

/// Converts to batch options. Also sets the number of OpenCV threads.
/// @throws Error(usage) for values that the parser cannot validate
batch::BatchOptions batch_options(const SharedOptions& options, const AppInfo& info,
                                  const ParsedOptions& parsed, StudyKind kind);

/// De-identification of results for a set of studies.
/// @param needs_key  UIDs are replaced even if no study needs a pseudonym
batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key = false);

/// Exit code for the outcome of a batch.
int exit_code(batch::BatchStatus status);

/// Declares --dicom-seg, --dicom-sr and --dicom-sc.
void declare_dicom_output(CLI::App& app, batch::DicomOutput& output);

/// Measurement options as given by the user.
struct ParsedMeasureOptions {
  std::string landmarks = "auto";
  std::vector<std::string> angles;  ///< "L2.sup:L4.inf"
};

/// Declares --threshold and --mirror-average.
void declare_segment(CLI::App& app, SegmentOptions& segment);
/// Declares --plain.
void declare_plain(CLI::App& app, SegmentOptions& segment);

/// Restoration options as given by the user.
struct ParsedRestoreOptions {
  std::string weights = "default", implant_model = "default", implant_roi_model = "default";
  std::string method = "standard";
  std::string inpainting = "default";
  bool always = false;  ///< also treat weak detections as implants
};

/// Declares --finder, --implant-roi, --method, --inpainting, --radius and, under the name given by
/// the caller, the option for the autoencoder's weights.
void declare_restore(CLI::App& app, ParsedRestoreOptions& parsed, RestoreOptions& options,
                     const std::string& weights_option);
/// Applies the parsed options to `options`.
RestoreOptions restore_options(const ParsedRestoreOptions& parsed, RestoreOptions options);

/// Declares --landmarks and --angle.
void declare_measure(CLI::App& app, ParsedMeasureOptions& parsed);
/// @throws Error(usage) for an invalid pair of endplates
batch::MeasureSettings measure_settings(const ParsedMeasureOptions& parsed);

}  // namespace spine::cli
