#pragma once
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

/// Options with the same names and meaning in all commands that process studies, as parsed.
struct SharedOptions {
  /// Most options; begin_run() adds what follows from others. `workers` 0: number of usable
  /// processors.
  batch::BatchOptions run;
  /// I/N as given: parsed by begin_run(), since the parser would quote it in its error.
  std::string shard = "1/1";

  std::string device = "auto";
  std::string precision = "auto";
  int batch = 32;
  std::string weights = "default", roi = "default", endplates = "default";
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
/// Declares --force, --add, --fail-fast, --dry-run, --wait, --shard, --spacing, --anterior, --log,
/// -q, -v and --no-progress.
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

/// The studies of a run of these options.
/// @throws Error(usage) for values that the parser cannot validate
batch::InputOptions input_options(const SharedOptions& options, StudyKind kind);

/// The complete options of a run.
/// @throws Error(usage) for values that the parser cannot validate
batch::BatchOptions batch_options(const SharedOptions& options, const AppInfo& info,
                                  const ParsedOptions& parsed, StudyKind kind);

/// The start of every command that processes studies: completes its options, limits OpenCV to one
/// thread, as every study has a thread of its own, and waits for other runs if requested.
/// @throws Error(usage) as batch_options, Error(output | interrupted) as batch::wait_for_turn
batch::BatchOptions begin_run(const SharedOptions& options, const AppInfo& info,
                              const ParsedOptions& parsed, StudyKind kind);

/// De-identification of results for a set of studies.
/// @param needs_key  UIDs are replaced even if no study needs a pseudonym
batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key = false);

/// Exit code for the outcome of a batch.
int exit_code(batch::BatchStatus status);

/// Declares --dicom-seg, --dicom-sr and --dicom-sc.
void declare_dicom_output(CLI::App& app, batch::DicomOutput& output);

/// Declares --threshold and --mirror-average.
void declare_segment(CLI::App& app, SegmentOptions& segment);
/// Declares --plain.
void declare_plain(CLI::App& app, SegmentOptions& segment);

/// Restoration options, as parsed.
struct RestoreArguments {
  /// Networks: a name or file each, as for batch::load_restorer().
  std::string weights = "default", implant_model = "default", implant_roi_model = "default";
  RestoreOptions options;
};

/// Declares --implant-model, --implant-roi, --method, --inpainting, --radius and, under the name
/// given by the caller, the option for the autoencoder's weights.
void declare_restore(CLI::App& app, RestoreArguments& restore, const std::string& weights_option);
/// Also treats weak detections as implants.
void restore_always(RestoreOptions& options);

/// Measurement options, as parsed.
struct MeasureArguments {
  batch::MeasureSettings settings;  ///< except for angles
  /// "L2.sup:L4.inf": parsed by measure_settings(), since the parser would quote it in its error.
  std::vector<std::string> angles;
};

/// Declares --landmarks and --angle.
void declare_measure(CLI::App& app, MeasureArguments& measure);
/// The complete settings. @throws Error(usage) for an invalid pair of endplates
batch::MeasureSettings measure_settings(const MeasureArguments& measure);

}  // namespace spine::cli
