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

/// Options with the same names and meaning in every command that works on studies.
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
  std::filesystem::path study_key;
  std::string select = "tags";
  std::vector<std::string> modalities, body_parts, views;
  int frame = 0;  ///< 0: not given
  std::string anterior = "auto";
  std::filesystem::path log;
  bool quiet = false;
  int verbosity = 0;
  bool no_progress = false;
};

/// INPUT..., --manifest and --recursive.
void declare_films(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are);
/// The same and -o.
void declare_inputs(CLI::App& app, SharedOptions& options, const std::string& what_inputs_are);
/// --device, --precision, --batch and --threads. A command without a network accepts them, so that
/// it can be called as its neighbours are, but leaves all but the last out of its help.
void declare_device(CLI::App& app, SharedOptions& options, bool uses_network);
/// The same with --weights, --roi and --endplates of segmentation, likewise.
void declare_compute(CLI::App& app, SharedOptions& options, bool uses_network);
/// --force, --fail-fast, --dry-run, --wait, --shard, --spacing, --anterior, --log, -q, -v,
/// --no-progress.
void declare_run(CLI::App& app, SharedOptions& options);

/// --keep-identifiers.
void declare_identifiers(CLI::App& app, SharedOptions& options);
/// The same with --pseudonym-key and --frame, which also films beside masks are named and read by.
void declare_names(CLI::App& app, SharedOptions& options);
/// The same and what else concerns DICOM files: --select, --modality, --body-part, --view.
void declare_archive(CLI::App& app, SharedOptions& options);

/// A number from 0 to 1; unlike CLI::Range it does not let NaN pass.
CLI::Validator fraction();

/// The inputs these options ask for.
/// @throws Error(usage) for values that the parser could not judge.
batch::InputOptions input_options(const SharedOptions& options, StudyKind kind);

/// The run these options ask for. Also sets the number of OpenCV's threads.
/// @throws Error(usage) for values that the parser could not judge.
batch::BatchOptions batch_options(const SharedOptions& options, const AppInfo& info,
                                  const ParsedOptions& parsed, StudyKind kind);

/// What results may tell, once the studies are known.
/// @param needs_key  UIDs are replaced whatever the studies are called by
batch::Deidentification deidentification(const SharedOptions& options,
                                         const batch::StudyList& studies, bool needs_key = false);

int exit_code(batch::BatchStatus ending);

/// --dicom-seg, --dicom-sr, --dicom-sc.
void declare_dicom_output(CLI::App& app, batch::DicomOutput& output);

/// How to measure, in the user's words.
struct ParsedMeasureOptions {
  std::string landmarks = "auto";
  std::vector<std::string> angles;  ///< "L2.sup:L4.inf"
};

/// --threshold and --mirror-average.
void declare_segment(CLI::App& app, SegmentOptions& segment);
/// --plain, for spine-seg.
void declare_plain(CLI::App& app, SegmentOptions& segment);

/// How to restore, in the user's words.
struct ParsedRestoreOptions {
  std::string weights = "default", implant_model = "default", implant_roi_model = "default";
  std::string method = "standard";
  std::string inpainting = "default";
  bool always = false;  ///< take also what is hardly sure for metal
};

/// --finder, --implant-roi, --method, --inpainting, --radius and, named by the caller, the
/// autoencoder's weights.
void declare_restore(CLI::App& app, ParsedRestoreOptions& words, RestoreOptions& options,
                     const std::string& weights_option);
/// Completes the options by the words.
RestoreOptions restore_options(const ParsedRestoreOptions& words, RestoreOptions options);

/// --landmarks and --angle.
void declare_measure(CLI::App& app, ParsedMeasureOptions& words);
/// @throws Error(usage) for a pair of endplates that cannot be parsed.
batch::MeasureSettings measure_settings(const ParsedMeasureOptions& words);

}  // namespace spine::cli
